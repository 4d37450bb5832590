# For mixtures of data sets of which few have feet: as for body8, but colours change in the first
# stage alone, and keypoints are weighted as their data set says.
_base_ = './rtmpose-strong_384x288.py'
target = dict(
    type='GenerateTarget',
    encoder=_base_.codec,
    use_dataset_keypoint_weights=True,
)
train_pipeline = [
    *_base_.train_pipeline[:6],
    dict(type='PhotometricDistortion'),
    _base_.train_pipeline[7],
    target,
    dict(type='PackPoseInputs'),
]
train_pipeline_stage2 = [
    *_base_.train_pipeline_stage2[:6],
    _base_.train_pipeline_stage2[7],
    target,
    dict(type='PackPoseInputs'),
]
stage2_hook = dict(switch_pipeline=train_pipeline_stage2)
del target
