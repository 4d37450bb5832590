_blue, _green, _orange = [51, 153, 255], [0, 255, 0], [255, 128, 0]

# name, mirror image, half of the body, colour; weight in the loss, OKS sigma
_keypoints = [
    ('left_shoulder', 'right_shoulder', 'upper', _blue, 0.2, 0.079),
    ('right_shoulder', 'left_shoulder', 'upper', _blue, 0.2, 0.079),
    ('left_elbow', 'right_elbow', 'upper', _blue, 0.2, 0.072),
    ('right_elbow', 'left_elbow', 'upper', _blue, 1.3, 0.072),
    ('left_wrist', 'right_wrist', 'upper', _blue, 1.5, 0.062),
    ('right_wrist', 'left_wrist', 'upper', _green, 0.2, 0.062),
    ('left_hip', 'right_hip', 'lower', _orange, 1.3, 0.107),
    ('right_hip', 'left_hip', 'lower', _green, 1.5, 0.107),
    ('left_knee', 'right_knee', 'lower', _orange, 0.2, 0.087),
    ('right_knee', 'left_knee', 'lower', _green, 0.2, 0.087),
    ('left_ankle', 'right_ankle', 'lower', _orange, 0.5, 0.089),
    ('right_ankle', 'left_ankle', 'lower', _green, 0.2, 0.089),
    ('top_head', '', 'upper', _orange, 0.2, 0.079),
    ('neck', '', 'upper', _green, 0.5, 0.079),
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
    ('top_head', 'neck', _blue),
    ('right_shoulder', 'neck', _blue),
    ('left_shoulder', 'neck', _blue),
]

dataset_info = dict(
    dataset_name='crowdpose',
    paper_info=dict(
        author='Li, Jiefeng and Wang, Can and Zhu, Hao and Mao, Yihuan and Fang, Hao-Shu and '
        'Lu, Cewu',
        title='CrowdPose: Efficient Crowded Scenes Pose Estimation and A New Benchmark',
        container='Proceedings of IEEE Conference on Computer Vision and '
        'Pattern Recognition (CVPR)',
        year='2019',
        homepage='https://github.com/Jeff-sjtu/CrowdPose',
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
