_base_ = [
    '../../../_base_/data/coco_topdown.py',
    '../../../_base_/models/td-reg_res50.py',
    '../../../_base_/schedules/adam_210e_bs512.py',
    '../../../_base_/pipelines/td-reg_384x288.py',
]
model = dict(
    backbone=dict(depth=152, init_cfg=dict(checkpoint='torchvision://resnet152')),
    head=dict(type='RLEHead', loss=dict(type='RLELoss'), decoder=_base_.codec),
)
train_dataloader = dict(dataset=dict(pipeline=_base_.train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=_base_.val_pipeline))
test_dataloader = val_dataloader
val_evaluator = dict(score_mode='bbox_rle')
test_evaluator = val_evaluator
