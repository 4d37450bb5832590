_base_ = ['./td-hm_hrnet-w32_8xb64-210e_coco-256x192.py', '../../../_base_/data/coco-aic.py']
train_dataloader = dict(dataset=dict(_base_.coco_aic_merged, pipeline=_base_.train_pipeline))
