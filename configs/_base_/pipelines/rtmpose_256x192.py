# RTMPose's input: coordinates as classes (SimCC) and strong augmentation. In the second stage, the
# last epochs, boxes stay in place and fewer images lose a part. The leaf tells the head what comes
# in, `model = dict(head=_base_.head_input)`, and when the second stage begins,
# `custom_hooks = [_base_.ema_hook, dict(_base_.stage2_hook, switch_epoch=390)]`.
codec = dict(
    type='SimCCLabel',
    input_size=(192, 256),
    sigma=(4.9, 5.66),
    simcc_split_ratio=2.0,
    normalize=False,
    use_dark=False,
)
head_input = dict(input_size=codec['input_size'], in_featuremap_size=(6, 8), decoder=codec)
backend_args = dict(backend='local')

train_pipeline, train_pipeline_stage2 = (
    [
        dict(type='LoadImage', backend_args=backend_args),
        dict(type='GetBBoxCenterScale'),
        dict(type='RandomFlip', direction='horizontal'),
        dict(type='RandomHalfBody'),
        dict(type='RandomBBoxTransform', **box),
        dict(type='TopdownAffine', input_size=codec['input_size']),
        dict(type='YOLOXHSVRandomAug'),
        dict(
            type='Albumentation',
            transforms=[
                dict(type='Blur', p=0.1),
                dict(type='MedianBlur', p=0.1),
                dict(
                    type='CoarseDropout',
                    max_holes=1,
                    max_height=0.4,
                    max_width=0.4,
                    min_holes=1,
                    min_height=0.2,
                    min_width=0.2,
                    p=dropout,
                ),
            ],
        ),
        dict(type='GenerateTarget', encoder=codec),
        dict(type='PackPoseInputs'),
    ]
    for box, dropout in (
        (dict(scale_factor=(0.6, 1.4), rotate_factor=80), 1.0),
        (dict(shift_factor=0.0, scale_factor=(0.75, 1.25), rotate_factor=60), 0.5),
    )
)
stage2_hook = dict(type='PipelineSwitchHook', switch_pipeline=train_pipeline_stage2)
val_pipeline = [
    dict(type='LoadImage', backend_args=backend_args),
    dict(type='GetBBoxCenterScale'),
    dict(type='TopdownAffine', input_size=codec['input_size']),
    dict(type='PackPoseInputs'),
]
