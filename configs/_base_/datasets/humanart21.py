_base_ = './humanart.py'

_green, _orange = [0, 255, 0], [255, 128, 0]

# name, mirror image, colour; they follow the 17 keypoints of COCO
_keypoints = [
    ('left_finger', 'right_finger', _green),
    ('right_finger', 'left_finger', _orange),
    ('left_toe', 'right_toe', _green),
    ('right_toe', 'left_toe', _orange),
]

_links = [
    ('left_ankle', 'left_toe', _green),
    ('right_ankle', 'right_toe', _orange),
    ('left_wrist', 'left_finger', _green),
    ('right_wrist', 'right_finger', _orange),
]

dataset_info = dict(
    keypoint_info={
        # the fingers count as the lower half, as published
        i: dict(name=name, id=i, color=color, type='lower', swap=mirror)
        for i, (name, mirror, color) in enumerate(_keypoints, 17)
    },
    skeleton_info={
        i: dict(link=(start, end), id=i, color=color)
        for i, (start, end, color) in enumerate(_links, 19)
    },
    joint_weights=[*_base_.dataset_info.joint_weights, 1.0, 1.0, 1.0, 1.0],
    sigmas=[*_base_.dataset_info.sigmas, 0.089, 0.089, 0.089, 0.089],
)

del _green, _orange, _keypoints, _links
