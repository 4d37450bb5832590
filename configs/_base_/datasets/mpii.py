_blue, _green, _orange = [51, 153, 255], [0, 255, 0], [255, 128, 0]

# name, mirror image, half of the body, colour; weight in the loss, OKS sigma
_keypoints = [
    ('right_ankle', 'left_ankle', 'lower', _orange, 1.5, 0.089),
    ('right_knee', 'left_knee', 'lower', _orange, 1.2, 0.083),
    ('right_hip', 'left_hip', 'lower', _orange, 1.0, 0.107),
    ('left_hip', 'right_hip', 'lower', _green, 1.0, 0.107),
    ('left_knee', 'right_knee', 'lower', _green, 1.2, 0.083),
    ('left_ankle', 'right_ankle', 'lower', _green, 1.5, 0.089),
    ('pelvis', '', 'lower', _blue, 1.0, 0.026),
    ('thorax', '', 'upper', _blue, 1.0, 0.026),
    ('upper_neck', '', 'upper', _blue, 1.0, 0.026),
    ('head_top', '', 'upper', _blue, 1.0, 0.026),
    ('right_wrist', 'left_wrist', 'upper', _orange, 1.5, 0.062),
    ('right_elbow', 'left_elbow', 'upper', _orange, 1.2, 0.072),
    ('right_shoulder', 'left_shoulder', 'upper', _orange, 1.0, 0.179),
    ('left_shoulder', 'right_shoulder', 'upper', _green, 1.0, 0.179),
    ('left_elbow', 'right_elbow', 'upper', _green, 1.2, 0.072),
    ('left_wrist', 'right_wrist', 'upper', _green, 1.5, 0.062),
]

_links = [
    ('right_ankle', 'right_knee', _orange),
    ('right_knee', 'right_hip', _orange),
    ('right_hip', 'pelvis', _orange),
    ('pelvis', 'left_hip', _green),
    ('left_hip', 'left_knee', _green),
    ('left_knee', 'left_ankle', _green),
    ('pelvis', 'thorax', _blue),
    ('thorax', 'upper_neck', _blue),
    ('upper_neck', 'head_top', _blue),
    ('upper_neck', 'right_shoulder', _orange),
    ('right_shoulder', 'right_elbow', _orange),
    ('right_elbow', 'right_wrist', _orange),
    ('upper_neck', 'left_shoulder', _green),
    ('left_shoulder', 'left_elbow', _green),
    ('left_elbow', 'left_wrist', _green),
]

dataset_info = dict(
    dataset_name='mpii',
    paper_info=dict(
        author='Mykhaylo Andriluka and Leonid Pishchulin and Peter Gehler and Schiele, Bernt',
        title='2D Human Pose Estimation: New Benchmark and State of the Art Analysis',
        container='IEEE Conference on Computer Vision and Pattern Recognition (CVPR)',
        year='2014',
        homepage='http://human-pose.mpi-inf.mpg.de/',
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
