_base_ = './deepfashion_full.py'

# collar, sleeves and hem of a full-body garment
_full = _base_.dataset_info.keypoint_info
_keypoints = [_full[i] for i in (0, 1, 2, 3, 6, 7)]

dataset_info = dict(
    dataset_name='deepfashion_upper',
    keypoint_info={
        '_delete_': True,
        **{i: dict(kpt, id=i) for i, kpt in enumerate(_keypoints)},
    },
    joint_weights=[1.0] * len(_keypoints),
)

del _full, _keypoints
