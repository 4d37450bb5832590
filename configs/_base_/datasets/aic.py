_blue, _green, _orange = [51, 153, 255], [0, 255, 0], [255, 128, 0]

# name, mirror image, half of the body, colour; weight in the loss, OKS sigma
_keypoints = [
    ('right_shoulder', 'left_shoulder', 'upper', _orange, 1.0, 0.01388152),
    ('right_elbow', 'left_elbow', 'upper', _orange, 1.2, 0.01515228),
    ('right_wrist', 'left_wrist', 'upper', _orange, 1.5, 0.01057665),
    ('left_shoulder', 'right_shoulder', 'upper', _green, 1.0, 0.01417709),
    ('left_elbow', 'right_elbow', 'upper', _green, 1.2, 0.01497891),
    ('left_wrist', 'right_wrist', 'upper', _green, 1.5, 0.01402144),
    ('right_hip', 'left_hip', 'lower', _orange, 1.0, 0.03909642),
    ('right_knee', 'left_knee', 'lower', _orange, 1.2, 0.03686941),
    ('right_ankle', 'left_ankle', 'lower', _orange, 1.5, 0.01981803),
    ('left_hip', 'right_hip', 'lower', _green, 1.0, 0.03843971),
    ('left_knee', 'right_knee', 'lower', _green, 1.2, 0.03412318),
    ('left_ankle', 'right_ankle', 'lower', _green, 1.5, 0.02415081),
    ('head_top', '', 'upper', _blue, 1.0, 0.01291456),
    ('neck', '', 'upper', _blue, 1.0, 0.01236173),
]

_links = [
    ('right_wrist', 'right_elbow', _orange),
    ('right_elbow', 'right_shoulder', _orange),
    ('right_shoulder', 'neck', _blue),
    ('neck', 'left_shoulder', _blue),
    ('left_shoulder', 'left_elbow', _green),
    ('left_elbow', 'left_wrist', _green),
    ('right_ankle', 'right_knee', _orange),
    ('right_knee', 'right_hip', _orange),
    ('right_hip', 'left_hip', _blue),
    ('left_hip', 'left_knee', _green),
    ('left_knee', 'left_ankle', _green),
    ('head_top', 'neck', _blue),
    ('right_shoulder', 'right_hip', _blue),
    ('left_shoulder', 'left_hip', _blue),
]

dataset_info = dict(
    dataset_name='aic',
    paper_info=dict(
        author='Wu, Jiahong and Zheng, He and Zhao, Bo and Li, Yixin and Yan, Baoming and '
        'Liang, Rui and Wang, Wenjia and Zhou, Shipei and Lin, Guosen and Fu, Yanwei and others',
        title='Ai challenger: A large-scale dataset for going deeper in image understanding',
        container='arXiv',
        year='2017',
        homepage='https://github.com/AIChallenger/AI_Challenger_2017',
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
