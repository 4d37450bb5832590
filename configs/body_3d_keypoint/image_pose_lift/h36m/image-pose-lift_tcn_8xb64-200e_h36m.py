_base_ = [
    '../../../_base_/data/h36m_lifting.py',
    '../../../_base_/models/image-pose-lift_tcn.py',
    '../../../_base_/schedules/adam-step_200e_bs512.py',
    '../../../_base_/pipelines/image-pose-lift.py',
]
sequence = dict(seq_len=1, causal=True, keypoint_2d_src='gt')
model = dict(head=dict(decoder=_base_.codec))
train_dataloader = dict(
    batch_size=64,
    dataset=dict(sequence, pipeline=_base_.train_pipeline),
)
val_dataloader = dict(
    batch_size=64,
    drop_last=False,
    dataset=dict(sequence, pipeline=_base_.val_pipeline),
)
test_dataloader = val_dataloader
default_hooks = dict(logger=dict(interval=50))
