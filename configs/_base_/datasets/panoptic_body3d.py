_blue, _green, _orange = [51, 153, 255], [0, 255, 0], [255, 128, 0]

# name, mirror image, half of the body, colour; weight in the loss, OKS sigma
_keypoints = [
    ('neck', '', 'upper', _blue, 1.0, 0.026),
    ('nose', '', 'upper', _blue, 1.0, 0.026),
    ('mid_hip', '', 'lower', _green, 1.0, 0.107),
    ('left_shoulder', 'right_shoulder', 'upper', _green, 1.0, 0.079),
    ('left_elbow', 'right_elbow', 'upper', _green, 1.2, 0.072),
    ('left_wrist', 'right_wrist', 'upper', _green, 1.5, 0.062),
    ('left_hip', 'right_hip', 'lower', _green, 1.0, 0.107),
    ('left_knee', 'right_knee', 'lower', _green, 1.2, 0.087),
    ('left_ankle', 'right_ankle', 'lower', _green, 1.5, 0.089),
    ('right_shoulder', 'left_shoulder', 'upper', _orange, 1.0, 0.079),
    ('right_elbow', 'left_elbow', 'upper', _orange, 1.2, 0.072),
    ('right_wrist', 'left_wrist', 'upper', _orange, 1.5, 0.062),
    ('right_hip', 'left_hip', 'lower', _orange, 1.0, 0.107),
    ('right_knee', 'left_knee', 'lower', _orange, 1.2, 0.087),
    ('right_ankle', 'left_ankle', 'lower', _orange, 1.5, 0.089),
    ('left_eye', 'right_eye', 'upper', _blue, 1.0, 0.025),
    ('left_ear', 'right_ear', 'upper', _blue, 1.0, 0.035),
    ('right_eye', 'left_eye', 'upper', _blue, 1.0, 0.025),
    ('right_ear', 'left_ear', 'upper', _blue, 1.0, 0.035),
]

_links = [
    ('nose', 'neck', _blue),
    ('neck', 'left_shoulder', _green),
    ('neck', 'right_shoulder', _orange),
    ('left_shoulder', 'left_elbow', _green),
    ('right_shoulder', 'right_elbow', _orange),
    ('left_elbow', 'left_wrist', _green),
    ('right_elbow', 'right_wrist', _orange),
    ('left_ankle', 'left_knee', _green),
    ('left_knee', 'left_hip', _green),
    ('right_ankle', 'right_knee', _orange),
    ('right_knee', 'right_hip', _orange),
    ('mid_hip', 'left_hip', _green),
    ('mid_hip', 'right_hip', _orange),
    ('mid_hip', 'neck', _blue),
]

dataset_info = dict(
    dataset_name='panoptic_pose_3d',
    paper_info=dict(
        author='Joo, Hanbyul and Simon, Tomas and  Li, Xulongand Liu, Hao and Tan, Lei and '
        'Gui, Lin and Banerjee, Seanand Godisart, Timothy and Nabbe, Bart and '
        'Matthews, Iainand Kanade, Takeo and Nobuhara, Shohei and Sheikh, Yaser',
        title='Panoptic Studio: A Massively Multiview System for Interaction Motion Capture',
        container='IEEE Transactions on Pattern Analysis and Machine Intelligence',
        year='2017',
        homepage='http://domedb.perception.cs.cmu.edu',
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
