_base_ = [
    '../../../_base_/data/coco_topdown.py',
    '../../../_base_/models/td-hm_hrnet-w32.py',
    '../../../_base_/models/hrformer.py',
    '../../../_base_/schedules/adamw_210e_bs256.py',
    '../../../_base_/pipelines/td-hm_384x288.py',
]
model = dict(backbone=_base_.hrformer.small, head=dict(decoder=_base_.codec))
train_dataloader = dict(batch_size=32, dataset=dict(pipeline=_base_.train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=_base_.val_pipeline))
test_dataloader = val_dataloader
