_blue, _green, _orange = [51, 153, 255], [0, 255, 0], [255, 128, 0]

# name, mirror image, half of the body, colour
_keypoints = [
    ('head_top', '', 'upper', _blue),
    ('neck', '', 'upper', _blue),
    ('right_shoulder', 'left_shoulder', 'upper', _orange),
    ('right_elbow', 'left_elbow', 'upper', _orange),
    ('right_wrist', 'left_wrist', 'upper', _orange),
    ('left_shoulder', 'right_shoulder', 'upper', _green),
    ('left_elbow', 'right_elbow', 'upper', _green),
    ('left_wrist', 'right_wrist', 'upper', _green),
    ('right_hip', 'left_hip', 'lower', _orange),
    ('right_knee', 'left_knee', 'lower', _orange),
    ('right_ankle', 'left_ankle', 'lower', _orange),
    ('left_hip', 'right_hip', 'lower', _green),
    ('left_knee', 'right_knee', 'lower', _green),
    ('left_ankle', 'right_ankle', 'lower', _green),
    ('root', '', 'lower', _blue),
    ('spine', '', 'upper', _blue),
    ('head', '', 'upper', _blue),
]

_links = [
    ('neck', 'right_shoulder', _orange),
    ('right_shoulder', 'right_elbow', _orange),
    ('right_elbow', 'right_wrist', _orange),
    ('neck', 'left_shoulder', _green),
    ('left_shoulder', 'left_elbow', _green),
    ('left_elbow', 'left_wrist', _green),
    ('root', 'right_hip', _orange),
    ('right_hip', 'right_knee', _orange),
    ('right_knee', 'right_ankle', _orange),
    ('root', 'left_hip', _green),
    ('left_hip', 'left_knee', _green),
    ('left_knee', 'left_ankle', _green),
    ('head_top', 'head', _blue),
    ('head', 'neck', _blue),
    ('neck', 'spine', _blue),
    ('spine', 'root', _blue),
]

dataset_info = dict(
    dataset_name='mpi_inf_3dhp',
    paper_info=dict(
        author='ehta, Dushyant and Rhodin, Helge and Casas, Dan and Fua, Pascal and Sotnychenko, '
        'Oleksandr and Xu, Weipeng and Theobalt, Christian',
        title='Monocular 3D Human Pose Estimation In The Wild Using Improved CNN Supervision',
        container='2017 international conference on 3D vision (3DV)',
        year='2017',
        homepage='http://gvv.mpi-inf.mpg.de/3dhp-dataset',
    ),
    keypoint_info={
        i: dict(name=name, id=i, color=color, type=half, swap=mirror)
        for i, (name, mirror, half, color) in enumerate(_keypoints)
    },
    skeleton_info={
        i: dict(link=(start, end), id=i, color=color)
        for i, (start, end, color) in enumerate(_links)
    },
    joint_weights=[1.0] * len(_keypoints),
    sigmas=[],
)

del _blue, _green, _orange, _keypoints, _links
