_base_ = './deepfashion_full.py'

# waistline and hem of a full-body garment
_full = _base_.dataset_info.keypoint_info

dataset_info = dict(
    dataset_name='deepfashion_lower',
    keypoint_info={'_delete_': True, **{i: dict(_full[i + 4], id=i) for i in range(4)}},
    joint_weights=[1.0] * 4,
)

del _full
