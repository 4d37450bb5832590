_blue, _green, _orange = [51, 153, 255], [0, 255, 0], [255, 128, 0]

# name, mirror image, half of the body, colour; weight in the loss, OKS sigma
_keypoints = [
    ('neck', '', 'upper', _orange, 1.0, 0.025),
    ('belly', '', 'upper', _orange, 1.0, 0.107),
    ('head', '', 'upper', _orange, 1.0, 0.025),
    ('right_shoulder', 'left_shoulder', 'upper', _green, 1.0, 0.079),
    ('left_shoulder', 'right_shoulder', 'upper', _green, 1.0, 0.079),
    ('right_hip', 'left_hip', 'lower', _green, 1.0, 0.107),
    ('left_hip', 'right_hip', 'lower', _blue, 1.0, 0.107),
    ('right_elbow', 'left_elbow', 'upper', _blue, 1.2, 0.072),
    ('left_elbow', 'right_elbow', 'upper', _blue, 1.2, 0.072),
    ('right_knee', 'left_knee', 'lower', _blue, 1.2, 0.087),
    ('left_knee', 'right_knee', 'lower', _orange, 1.2, 0.087),
    ('right_wrist', 'left_wrist', 'upper', _orange, 1.5, 0.062),
    ('left_wrist', 'right_wrist', 'upper', _orange, 1.5, 0.062),
    ('right_ankle', 'left_ankle', 'lower', _green, 1.5, 0.089),
    ('left_ankle', 'right_ankle', 'lower', _green, 1.5, 0.089),
]

_links = [
    ('right_ankle', 'right_knee', _orange),
    ('right_knee', 'right_hip', _orange),
    ('right_hip', 'belly', _orange),
    ('belly', 'left_hip', _green),
    ('left_hip', 'left_knee', _green),
    ('left_knee', 'left_ankle', _green),
    ('belly', 'neck', _blue),
    ('neck', 'head', _blue),
    ('neck', 'right_shoulder', _orange),
    ('right_shoulder', 'right_elbow', _orange),
    ('right_elbow', 'right_wrist', _orange),
    ('neck', 'left_shoulder', _green),
    ('left_shoulder', 'left_elbow', _green),
    ('left_elbow', 'left_wrist', _green),
]

dataset_info = dict(
    dataset_name='jhmdb',
    paper_info=dict(
        author='H. Jhuang and J. Gall and S. Zuffi and C. Schmid and M. J. Black',
        title='Towards understanding action recognition',
        container='International Conf. on Computer Vision (ICCV)',
        year='2013',
        homepage='http://jhmdb.is.tue.mpg.de/dataset',
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
