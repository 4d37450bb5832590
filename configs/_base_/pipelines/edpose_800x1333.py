# Whole images of many sizes, half of them crops; tested with the shorter side at 800 pixels, or the
# longer one at 1333. Classes by their full names, as ED-Pose sets no default scope.
_base_ = './bottomup_512x512.py'

transforms = 'mmpose.datasets.transforms.'
sizes = [(short, 1333) for short in range(480, 801, 32)]

train_pipeline = [
    dict(type=transforms + 'LoadImage'),
    dict(type=transforms + 'RandomFlip', direction='horizontal'),
    dict(
        type='mmcv.transforms.RandomChoice',
        transforms=[
            [dict(type='mmcv.transforms.RandomChoiceResize', scales=sizes, keep_ratio=True)],
            [
                dict(
                    type=transforms + 'BottomupRandomChoiceResize',
                    scales=[(400, 4200), (500, 4200), (600, 4200)],
                    keep_ratio=True,
                ),
                dict(
                    type=transforms + 'BottomupRandomCrop',
                    crop_type='absolute_range',
                    crop_size=(384, 600),
                    allow_negative_crop=True,
                ),
                dict(
                    type=transforms + 'BottomupRandomChoiceResize',
                    scales=sizes,
                    keep_ratio=True,
                ),
            ],
        ],
    ),
    dict(type=transforms + 'PackPoseInputs'),
]
val_pipeline = [
    dict(type=transforms + 'LoadImage'),
    dict(
        type=transforms + 'BottomupRandomChoiceResize',
        scales=[(800, 1333)],
        keep_ratio=True,
        backend='pillow',
    ),
    dict(_base_.val_pipeline[-1], type=transforms + 'PackPoseInputs'),
]
del transforms, sizes
