_blue, _green, _orange = [51, 153, 255], [0, 255, 0], [255, 128, 0]

# name, mirror image, half of the body, colour; weight in the loss, OKS sigma
_keypoints = [
    ('left_shoulder', 'right_shoulder', 'upper', _green, 0.2, 0.079),
    ('right_shoulder', 'left_shoulder', 'upper', _orange, 0.2, 0.079),
    ('left_elbow', 'right_elbow', 'upper', _green, 0.2, 0.072),
    ('right_elbow', 'left_elbow', 'upper', _orange, 1.3, 0.072),
    ('left_wrist', 'right_wrist', 'upper', _green, 1.5, 0.062),
    ('right_wrist', 'left_wrist', 'upper', _orange, 0.2, 0.062),
    ('left_hip', 'right_hip', 'lower', _green, 1.3, 0.107),
    ('right_hip', 'left_hip', 'lower', _orange, 1.5, 0.107),
    ('left_knee', 'right_knee', 'lower', _green, 0.2, 0.087),
    ('right_knee', 'left_knee', 'lower', _orange, 0.2, 0.087),
    ('left_ankle', 'right_ankle', 'lower', _green, 0.5, 0.089),
    ('right_ankle', 'left_ankle', 'lower', _orange, 0.2, 0.089),
    ('head', '', 'upper', _blue, 0.2, 0.079),
    ('neck', '', 'upper', _blue, 0.5, 0.079),
]

_links = [
    ('head', 'neck', _blue),
    ('neck', 'left_shoulder', _blue),
    ('neck', 'right_shoulder', _blue),
    ('left_shoulder', 'left_elbow', _green),
    ('left_elbow', 'left_wrist', _green),
    ('right_shoulder', 'right_elbow', _orange),
    ('right_elbow', 'right_wrist', _orange),
    ('neck', 'right_hip', _blue),
    ('neck', 'left_hip', _blue),
    ('right_hip', 'right_knee', _orange),
    ('right_knee', 'right_ankle', _orange),
    ('left_hip', 'left_knee', _green),
    ('left_knee', 'left_ankle', _green),
]

dataset_info = dict(
    dataset_name='exlpose',
    paper_info=dict(
        author='Sohyun Lee, Jaesung Rim, Boseung Jeong, Geonu Kim,ByungJu Woo, Haechan Lee, '
        'Sunghyun Cho, Suha Kwak',
        title='Human Pose Estimation in Extremely Low-Light Conditions',
        container='arXiv',
        year='2023',
        homepage='https://arxiv.org/abs/2303.15410',
    ),
    keypoint_info={
        i: dict(name=name, id=i, color=color, type=half, swap=mirror)
        for i, (name, mirror, half, color, *_) in enumerate(_keypoints)
    },
    skeleton_info={
        i: dict(link=(start, end), id=i, color=color)
        for i, (start, end, color) in enumerate(_links)
    },
    joint_weights=[row[4] for row in _keypoints],
    sigmas=[row[5] for row in _keypoints],
)

del _blue, _green, _orange, _keypoints, _links
