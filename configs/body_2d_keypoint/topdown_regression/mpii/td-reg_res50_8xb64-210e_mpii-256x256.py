_base_ = [
    '../../../_base_/data/mpii_topdown.py',
    '../../../_base_/models/td-reg_res50.py',
    '../../../_base_/schedules/adam_210e_bs512.py',
    '../../../_base_/pipelines/td-reg-noshift_256x256.py',
]
model = dict(head=dict(num_joints=16, decoder=_base_.codec))
headbox_file = 'data/mpii//annotations/mpii_gt_val.mat'
train_dataloader = dict(dataset=dict(pipeline=_base_.train_pipeline))
val_dataloader = dict(dataset=dict(headbox_file=headbox_file, pipeline=_base_.val_pipeline))
test_dataloader = val_dataloader
