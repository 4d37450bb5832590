_blue, _green, _orange = [51, 153, 255], [0, 255, 0], [255, 128, 0]

# name, mirror image, half of the body, colour; weight in the loss, OKS sigma
_keypoints = [
    ('nose', '', 'upper', _blue, 1.0, 0.026),
    ('left_eye', 'right_eye', 'upper', _blue, 1.0, 0.025),
    ('right_eye', 'left_eye', 'upper', _blue, 1.0, 0.025),
    ('left_ear', 'right_ear', 'upper', _blue, 1.0, 0.035),
    ('right_ear', 'left_ear', 'upper', _blue, 1.0, 0.035),
    ('left_shoulder', 'right_shoulder', 'upper', _green, 1.0, 0.079),
    ('right_shoulder', 'left_shoulder', 'upper', _orange, 1.0, 0.079),
    ('left_elbow', 'right_elbow', 'upper', _green, 1.2, 0.072),
    ('right_elbow', 'left_elbow', 'upper', _orange, 1.2, 0.072),
    ('left_wrist', 'right_wrist', 'upper', _green, 1.5, 0.062),
    ('right_wrist', 'left_wrist', 'upper', _orange, 1.5, 0.062),
    ('left_hip', 'right_hip', 'lower', _green, 1.0, 0.107),
    ('right_hip', 'left_hip', 'lower', _orange, 1.0, 0.107),
    ('left_knee', 'right_knee', 'lower', _green, 1.2, 0.087),
    ('right_knee', 'left_knee', 'lower', _orange, 1.2, 0.087),
    ('left_ankle', 'right_ankle', 'lower', _green, 1.5, 0.089),
    ('right_ankle', 'left_ankle', 'lower', _orange, 1.5, 0.089),
]

_links = [
    ('left_ankle', 'left_knee', _green),
    ('left_knee', 'left_hip', _green),
    ('right_ankle', 'right_knee', _orange),
    ('right_knee', 'right_hip', _orange),
    ('left_hip', 'right_hip', _blue),
    ('left_shoulder', 'left_hip', _blue),
    ('right_shoulder', 'right_hip', _blue),
    ('left_shoulder', 'right_shoulder', _blue),
    ('left_shoulder', 'left_elbow', _green),
    ('right_shoulder', 'right_elbow', _orange),
    ('left_elbow', 'left_wrist', _green),
    ('right_elbow', 'right_wrist', _orange),
    ('left_eye', 'right_eye', _blue),
    ('nose', 'left_eye', _blue),
    ('nose', 'right_eye', _blue),
    ('left_eye', 'left_ear', _blue),
    ('right_eye', 'right_ear', _blue),
    ('left_ear', 'left_shoulder', _blue),
    ('right_ear', 'right_shoulder', _blue),
]

dataset_info = dict(
    dataset_name='coco',
    paper_info=dict(
        author='Lin, Tsung-Yi and Maire, Michael and Belongie, Serge and Hays, James and '
        r'Perona, Pietro and Ramanan, Deva and Doll{\'a}r, Piotr and Zitnick, C Lawrence',
        title='Microsoft coco: Common objects in context',
        container='European conference on computer vision',
        year='2014',
        homepage='http://cocodataset.org/',
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
