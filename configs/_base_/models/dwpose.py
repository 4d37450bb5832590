# DWPose, to take the place of a student's model. Stage 1: it learns from a larger teacher as well,
# `model = dict(_base_.dwpose_stage1, distill_cfg=_base_.distill_cfg.l_to_m, ...)`. Stage 2 goes on
# from there: its head, made anew, learns from the student itself.
channels = dict(t=384, s=512, m=768, l=1024, x=1280)
distill_cfg = {
    f'{teacher}_to_{student}': [
        dict(
            methods=[
                dict(
                    type='FeaLoss',
                    name='loss_fea',
                    use_this=True,
                    student_channels=channels[student],
                    teacher_channels=channels[teacher],
                    alpha_fea=7e-5,
                )
            ]
        ),
        dict(methods=[dict(type='KDLoss', name='loss_logit', use_this=True, weight=0.1)]),
    ]
    for teacher, student in ('lt', 'ls', 'lm', 'xl')
}
dwpose_stage1 = dict(
    _delete_=True,
    type='DWPoseDistiller',
    data_preprocessor=dict(
        type='PoseDataPreprocessor',
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        bgr_to_rgb=True,
    ),
)
dwpose_stage2 = dict(
    two_dis=True,
    distill_cfg=[
        dict(methods=[dict(type='KDLoss', name='loss_logit', use_this=True, weight=1)]),
    ],
    train_cfg=dict(max_epochs=60, val_interval=10),
)
del channels
