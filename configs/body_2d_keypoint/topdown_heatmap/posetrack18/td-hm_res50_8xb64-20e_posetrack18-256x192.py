_base_ = [
    '../../../_base_/data/posetrack18_topdown-gt.py',
    '../../../_base_/models/td-hm_res50.py',
    '../../../_base_/schedules/adam_20e_bs512.py',
    '../../../_base_/pipelines/td-hm_256x192.py',
]
load_from = (
    'https://download.openmmlab.com/mmpose/top_down/resnet/res50_coco_256x192-ec54d7f3_20200709.pth'
)
model = dict(head=dict(decoder=_base_.codec))
train_dataloader = dict(dataset=dict(pipeline=_base_.train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=_base_.val_pipeline))
test_dataloader = val_dataloader
