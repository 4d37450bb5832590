_base_ = [
    '../../../_base_/data/jhmdb_topdown.py',
    '../../../_base_/models/td-hm_res50.py',
    '../../../_base_/schedules/adam_20e_bs512.py',
    '../../../_base_/pipelines/td-hm-mild-whole_256x256.py',
]
model = dict(
    backbone=dict(_delete_=True, type='ResNet', depth=50),
    head=dict(out_channels=15, decoder=_base_.codec),
)
train_dataloader = dict(dataset=dict(pipeline=_base_.train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=_base_.val_pipeline))
test_dataloader = val_dataloader
param_scheduler = [
    _base_.param_scheduler[0],
    dict(_base_.param_scheduler[1], milestones=[8, 15]),
]
load_from = (
    'https://download.openmmlab.com/mmpose/top_down/resnet/res50_mpii_256x256-418ffc88_20200812.pth'
)
