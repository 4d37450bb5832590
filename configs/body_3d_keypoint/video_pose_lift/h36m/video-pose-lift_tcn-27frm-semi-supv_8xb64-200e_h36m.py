# For tests alone: no loader joins the frames with 3D labels and those without, as training needs.
_base_ = [
    '../../../_base_/data/h36m_lifting-test.py',
    '../../../_base_/models/video-pose-lift_tcn.py',
    '../../../_base_/pipelines/video-pose-lift.py',
]
model = dict(
    head=dict(decoder=_base_.codec),
    traj_backbone=_base_.model.backbone,
    traj_head=dict(
        type='TrajectoryRegressionHead',
        in_channels=1024,
        num_joints=1,
        loss=dict(type='MPJPELoss', use_target_weight=True),
        decoder=_base_.codec,
    ),
    semi_loss=dict(
        type='SemiSupervisionLoss',
        joint_parents=[0, 0, 1, 2, 0, 4, 5, 0, 7, 8, 9, 8, 11, 12, 8, 14, 15],
        warmup_iterations=12805,
    ),
)
val_dataloader = dict(
    batch_size=64,
    drop_last=False,
    dataset=dict(_base_.sequence, pipeline=_base_.val_pipeline, test_mode=True),
)
test_dataloader = val_dataloader
val_evaluator = [*_base_.val_evaluator, dict(type='MPJPE', mode='n-mpjpe')]
test_evaluator = val_evaluator
train_cfg = None
auto_scale_lr = dict(base_batch_size=1024)
