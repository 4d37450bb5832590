_base_ = [
    '../../../_base_/data/mpii_topdown.py',
    '../../../_base_/models/td-hm_cpm.py',
    '../../../_base_/schedules/adam_210e_bs512.py',
    '../../../_base_/pipelines/td-hm-mild-whole-stride8_368x368.py',
]
model = dict(
    backbone=dict(out_channels=16),
    head=dict(in_channels=16, out_channels=16, decoder=_base_.codec),
)
train_pipeline = [
    *_base_.train_pipeline[:3],
    dict(_base_.train_pipeline[3], shift_prob=0),  # boxes stay in place
    *_base_.train_pipeline[4:],
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=_base_.val_pipeline))
test_dataloader = val_dataloader
