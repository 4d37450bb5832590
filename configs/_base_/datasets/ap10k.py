_blue, _green, _orange = [51, 153, 255], [0, 255, 0], [255, 128, 0]

# name, mirror image, half of the body, colour; weight in the loss, OKS sigma
# (halves and colours of the limbs differ between the sides, as published)
_keypoints = [
    ('L_Eye', 'R_Eye', 'upper', _green, 1.0, 0.025),
    ('R_Eye', 'L_Eye', 'upper', _orange, 1.0, 0.025),
    ('Nose', '', 'upper', _blue, 1.0, 0.026),
    ('Neck', '', 'upper', _blue, 1.0, 0.035),
    ('Root of tail', '', 'lower', _blue, 1.0, 0.035),
    ('L_Shoulder', 'R_Shoulder', 'upper', _blue, 1.0, 0.079),
    ('L_Elbow', 'R_Elbow', 'upper', _blue, 1.0, 0.072),
    ('L_F_Paw', 'R_F_Paw', 'upper', _green, 1.2, 0.062),
    ('R_Shoulder', 'L_Shoulder', 'upper', _green, 1.2, 0.079),
    ('R_Elbow', 'L_Elbow', 'upper', _orange, 1.5, 0.072),
    ('R_F_Paw', 'L_F_Paw', 'lower', _green, 1.5, 0.062),
    ('L_Hip', 'R_Hip', 'lower', _orange, 1.0, 0.107),
    ('L_Knee', 'R_Knee', 'lower', _orange, 1.0, 0.087),
    ('L_B_Paw', 'R_B_Paw', 'lower', _green, 1.2, 0.089),
    ('R_Hip', 'L_Hip', 'lower', _green, 1.2, 0.107),
    ('R_Knee', 'L_Knee', 'lower', _green, 1.5, 0.087),
    ('R_B_Paw', 'L_B_Paw', 'lower', _green, 1.5, 0.089),
]

_head, _trunk, _left, _right = [0, 0, 255], [0, 255, 0], [0, 255, 255], [6, 156, 250]
_links = [
    ('L_Eye', 'R_Eye', _head),
    ('L_Eye', 'Nose', _head),
    ('R_Eye', 'Nose', _head),
    ('Nose', 'Neck', _trunk),
    ('Neck', 'Root of tail', _trunk),
    ('Neck', 'L_Shoulder', _left),
    ('L_Shoulder', 'L_Elbow', _left),
    ('L_Elbow', 'L_F_Paw', _left),
    ('Neck', 'R_Shoulder', _right),
    ('R_Shoulder', 'R_Elbow', _right),
    ('R_Elbow', 'R_F_Paw', _right),
    ('Root of tail', 'L_Hip', _left),
    ('L_Hip', 'L_Knee', _left),
    ('L_Knee', 'L_B_Paw', _left),
    ('Root of tail', 'R_Hip', _right),
    ('R_Hip', 'R_Knee', _right),
    ('R_Knee', 'R_B_Paw', _right),
]

dataset_info = dict(
    dataset_name='ap10k',
    paper_info=dict(
        author='Yu, Hang and Xu, Yufei and Zhang, Jing and Zhao, Wei and Guan, Ziyu and '
        'Tao, Dacheng',
        title='AP-10K: A Benchmark for Animal Pose Estimation in the Wild',
        container='35th Conference on Neural Information Processing Systems (NeurIPS 2021) Track '
        'on Datasets and Bench-marks.',
        year='2021',
        homepage='https://github.com/AlexTheBad/AP-10K',
    ),
    keypoint_info={
        i: dict(name=name, id=i, color=color, type=half, swap=mirror)
        for i, (name, mirror, half, color, *_) in enumerate(_keypoints)
    },
    skeleton_info={  # the id 6 stands twice, as published
        i: dict(link=(start, end), id=i if i < 7 else i - 1, color=color)
        for i, (start, end, color) in enumerate(_links)
    },
    joint_weights=[row[4] for row in _keypoints],
    sigmas=[row[5] for row in _keypoints],
)

del _blue, _green, _orange, _keypoints, _head, _trunk, _left, _right, _links
