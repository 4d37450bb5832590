# For LaPa: wide boxes, more blur and stronger changes of colour; in the second stage, whole faces.
_base_ = './rtmpose_256x256.py'
train_pipeline = [
    *_base_.train_pipeline[:4],
    dict(type='RandomBBoxTransform', scale_factor=(0.5, 1.5), rotate_factor=80),
    *_base_.train_pipeline[5:7],
    dict(type='PhotometricDistortion'),
    dict(
        type='Albumentation',
        transforms=[
            dict(type='Blur', p=0.2),
            dict(type='MedianBlur', p=0.2),
            _base_.train_pipeline[7]['transforms'][2],
        ],
    ),
    *_base_.train_pipeline[8:],
]
train_pipeline_stage2 = [*_base_.train_pipeline_stage2[:3], *_base_.train_pipeline_stage2[4:]]
stage2_hook = dict(switch_pipeline=train_pipeline_stage2)
