_base_ = [
    '../../../_base_/data/jhmdb_topdown.py',
    '../../../_base_/models/td-hm_cpm.py',
    '../../../_base_/schedules/adam_40e_bs512.py',
    '../../../_base_/pipelines/td-hm-mild-whole-stride8_368x368.py',
]
model = dict(
    backbone=dict(out_channels=15),
    head=dict(in_channels=15, out_channels=15, decoder=_base_.codec),
)
train_dataloader = dict(batch_size=32, dataset=dict(pipeline=_base_.train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=_base_.val_pipeline))
test_dataloader = val_dataloader
auto_scale_lr = dict(base_batch_size=256)
