_blue, _green, _orange = [51, 153, 255], [0, 255, 0], [255, 128, 0]

# name, mirror image, half of the body, colour
_keypoints = [
    ('root', '', 'lower', _blue),
    ('right_hip', 'left_hip', 'lower', _orange),
    ('right_knee', 'left_knee', 'lower', _orange),
    ('right_foot', 'left_foot', 'lower', _orange),
    ('left_hip', 'right_hip', 'lower', _green),
    ('left_knee', 'right_knee', 'lower', _green),
    ('left_foot', 'right_foot', 'lower', _green),
    ('spine', '', 'upper', _blue),
    ('thorax', '', 'upper', _blue),
    ('neck_base', '', 'upper', _blue),
    ('head', '', 'upper', _blue),
    ('left_shoulder', 'right_shoulder', 'upper', _green),
    ('left_elbow', 'right_elbow', 'upper', _green),
    ('left_wrist', 'right_wrist', 'upper', _green),
    ('right_shoulder', 'left_shoulder', 'upper', _orange),
    ('right_elbow', 'left_elbow', 'upper', _orange),
    ('right_wrist', 'left_wrist', 'upper', _orange),
]

_links = [
    ('root', 'left_hip', _green),
    ('left_hip', 'left_knee', _green),
    ('left_knee', 'left_foot', _green),
    ('root', 'right_hip', _orange),
    ('right_hip', 'right_knee', _orange),
    ('right_knee', 'right_foot', _orange),
    ('root', 'spine', _blue),
    ('spine', 'thorax', _blue),
    ('thorax', 'neck_base', _blue),
    ('neck_base', 'head', _blue),
    ('thorax', 'left_shoulder', _green),
    ('left_shoulder', 'left_elbow', _green),
    ('left_elbow', 'left_wrist', _green),
    ('thorax', 'right_shoulder', _orange),
    ('right_shoulder', 'right_elbow', _orange),
    ('right_elbow', 'right_wrist', _orange),
]

dataset_info = dict(
    dataset_name='h36m',
    paper_info=dict(
        author='Ionescu, Catalin and Papava, Dragos and Olaru, Vlad and Sminchisescu, Cristian',
        title='Human3.6M: Large Scale Datasets and Predictive Methods for 3D Human Sensing in '
        'Natural Environments',
        container='IEEE Transactions on Pattern Analysis and Machine Intelligence',
        year='2014',
        homepage='http://vision.imar.ro/human3.6m/description.php',
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
    stats_info=dict(bbox_center=(528.0, 427.0), bbox_scale=400.0),
)

del _blue, _green, _orange, _keypoints, _links
