# For mixtures of data sets of faces: as for LaPa, but colours change less and boxes are wide in
# both stages; keypoints are weighted as their data set says.
_base_ = './rtmpose-lapa_256x256.py'
target = dict(
    type='GenerateTarget',
    encoder=_base_.codec,
    use_dataset_keypoint_weights=True,
)
train_pipeline = [
    *_base_.train_pipeline[:7],
    _base_.train_pipeline[8],
    target,
    dict(type='PackPoseInputs'),
]
train_pipeline_stage2 = [
    *_base_.train_pipeline[:4],
    dict(type='RandomBBoxTransform', shift_factor=0.0, scale_factor=(0.5, 1.5), rotate_factor=80),
    *_base_.train_pipeline_stage2[4:7],
    target,
    dict(type='PackPoseInputs'),
]
stage2_hook = dict(switch_pipeline=train_pipeline_stage2)
del target
