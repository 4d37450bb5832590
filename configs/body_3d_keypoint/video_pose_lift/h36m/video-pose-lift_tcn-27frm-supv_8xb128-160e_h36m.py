_base_ = [
    '../../../_base_/data/h36m_lifting.py',
    '../../../_base_/models/video-pose-lift_tcn.py',
    '../../../_base_/schedules/adam-exp_160e_bs1024.py',
    '../../../_base_/pipelines/video-pose-lift.py',
]
model = dict(head=dict(decoder=_base_.codec))
train_dataloader = dict(
    batch_size=128,
    dataset=dict(_base_.sequence, pipeline=_base_.train_pipeline),
)
val_dataloader = dict(
    batch_size=128,
    drop_last=False,
    dataset=dict(_base_.sequence, pipeline=_base_.val_pipeline, test_mode=True),
)
test_dataloader = val_dataloader
