_base_ = [
    '../../../_base_/data/wflw_topdown.py',
    '../../../_base_/models/td-reg_res50.py',
    '../../../_base_/schedules/adam_210e_bs512.py',
    '../../../_base_/pipelines/td-reg-mild-whole_256x256.py',
]
model = dict(head=dict(num_joints=98, decoder=_base_.codec), train_cfg=dict())
train_dataloader = dict(dataset=dict(pipeline=_base_.train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=_base_.val_pipeline))
test_dataloader = val_dataloader
default_hooks = dict(checkpoint=dict(interval=10))
