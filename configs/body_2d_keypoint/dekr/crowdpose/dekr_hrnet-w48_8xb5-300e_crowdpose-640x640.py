_base_ = [
    '../../../_base_/data/crowdpose_bottomup.py',
    '../../../_base_/models/dekr-crowdpose_hrnet-w32.py',
    '../../../_base_/schedules/adam_300e_bs80.py',
    '../../../_base_/pipelines/dekr_640x640.py',
]
train_pipeline = [*_base_.train_pipeline[:-2], _base_.train_pipeline[-1]]  # no masks
model = dict(
    backbone=_base_.hrnet_w48,
    head=dict(in_channels=720, num_heatmap_filters=48, decoder=_base_.codec),
)
train_dataloader = dict(batch_size=5, dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=_base_.val_pipeline))
test_dataloader = val_dataloader
train_cfg = dict(val_interval=20)
auto_scale_lr = dict(base_batch_size=40)
