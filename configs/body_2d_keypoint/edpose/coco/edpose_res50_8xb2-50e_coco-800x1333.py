_base_ = [
    '../../../_base_/data/coco_bottomup-full-names.py',
    '../../../_base_/models/edpose_res50.py',
    '../../../_base_/schedules/adam_50e_bs80.py',
    '../../../_base_/pipelines/edpose_800x1333.py',
]
train_dataloader = dict(
    batch_size=1,
    num_workers=1,
    sampler=dict(shuffle=False),
    dataset=dict(pipeline=_base_.train_pipeline),
)
val_dataloader = dict(num_workers=8, dataset=dict(pipeline=_base_.val_pipeline))
test_dataloader = val_dataloader
