_base_ = ['./rtmpose-m_8xb256-420e_coco-256x192.py', '../../../_base_/data/coco-x3-aic.py']
train_dataloader = dict(dataset=dict(_base_.coco_aic_merged, pipeline=_base_.train_pipeline))
val_dataloader = dict(dataset=_base_.coco_val)
test_dataloader = val_dataloader
