_base_ = [
    '../../../_base_/data/coco_bottomup.py',
    '../../../_base_/models/dekr_hrnet-w32.py',
    '../../../_base_/schedules/adam_140e_bs80.py',
    '../../../_base_/pipelines/dekr_512x512.py',
]
model = dict(head=dict(decoder=_base_.codec))
train_dataloader = dict(batch_size=10, dataset=dict(pipeline=_base_.train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=_base_.val_pipeline))
test_dataloader = val_dataloader
