_blue, _green, _orange = [51, 153, 255], [0, 255, 0], [255, 128, 0]

# name, mirror image, half of the body, colour; OKS sigma
_keypoints = [
    ('left_ear', 'right_ear', 'upper', _blue, 0.0277),
    ('right_ear', 'left_ear', 'upper', _blue, 0.0823),
    ('nose', '', 'upper', _blue, 0.0831),
    ('right_shoulder', 'left_shoulder', 'upper', _orange, 0.0202),
    ('right_front_paw', 'left_front_paw', 'upper', _orange, 0.0716),
    ('left_shoulder', 'right_shoulder', 'upper', _green, 0.0263),
    ('left_front_paw', 'right_front_paw', 'upper', _green, 0.0646),
    ('right_hip', 'left_hip', 'lower', _orange, 0.0302),
    ('right_knee', 'left_knee', 'lower', _orange, 0.0440),
    ('right_back_paw', 'left_back_paw', 'lower', _orange, 0.0316),
    ('left_hip', 'right_hip', 'lower', _green, 0.0333),
    ('left_knee', 'right_knee', 'lower', _green, 0.0547),
    ('left_back_paw', 'right_back_paw', 'lower', _green, 0.0263),
    ('tail', '', 'lower', _blue, 0.0683),
    ('center', '', 'lower', _blue, 0.0539),
]

_links = [
    ('left_ear', 'nose', _blue),
    ('right_ear', 'nose', _blue),
    ('nose', 'center', _blue),
    ('left_shoulder', 'left_front_paw', _green),
    ('left_shoulder', 'center', _green),
    ('right_shoulder', 'right_front_paw', _orange),
    ('right_shoulder', 'center', _orange),
    ('tail', 'center', _blue),
    ('right_back_paw', 'right_knee', _orange),
    ('right_knee', 'right_hip', _orange),
    ('right_hip', 'tail', _orange),
    ('left_back_paw', 'left_knee', _green),
    ('left_knee', 'left_hip', _green),
    ('left_hip', 'tail', _green),
]

dataset_info = dict(
    dataset_name='atrw',
    paper_info=dict(
        author='Li, Shuyuan and Li, Jianguo and Tang, Hanlin and Qian, Rui and Lin, Weiyao',
        title='ATRW: A Benchmark for Amur Tiger Re-identification in the Wild',
        container='Proceedings of the 28th ACM International Conference on Multimedia',
        year='2020',
        homepage='https://cvwc2019.github.io/challenge.html',
    ),
    keypoint_info={
        i: dict(name=name, id=i, color=color, type=half, swap=mirror)
        for i, (name, mirror, half, color, _) in enumerate(_keypoints)
    },
    skeleton_info={
        i: dict(link=(start, end), id=i, color=color)
        for i, (start, end, color) in enumerate(_links)
    },
    joint_weights=[1.0] * len(_keypoints),
    sigmas=[row[-1] for row in _keypoints],
)

del _blue, _green, _orange, _keypoints, _links
