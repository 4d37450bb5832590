_base_ = [
    '../../../_base_/data/coco-wholebody-face_topdown.py',
    '../../../_base_/models/td-hm_res50.py',
    '../../../_base_/schedules/adam_60e_bs512.py',
    '../../../_base_/pipelines/td-hm-mild-whole_256x256.py',
]
model = dict(head=dict(out_channels=68, decoder=_base_.codec))
train_dataloader = dict(dataset=dict(pipeline=_base_.train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=_base_.val_pipeline))
test_dataloader = val_dataloader
# the end lies behind the last epoch, as published; it changes nothing
param_scheduler = [_base_.param_scheduler[0], dict(_base_.param_scheduler[1], end=210)]
auto_scale_lr = dict(base_batch_size=256)
