_blue, _green, _orange = [51, 153, 255], [0, 255, 0], [255, 128, 0]

# name, mirror image, half of the body, colour; weight in the loss, OKS sigma
_keypoints = [
    ('L_Eye', 'R_Eye', 'upper', _green, 1.0, 0.025),
    ('R_Eye', 'L_Eye', 'upper', _orange, 1.0, 0.025),
    ('L_EarBase', 'R_EarBase', 'upper', _green, 1.0, 0.026),
    ('R_EarBase', 'L_EarBase', 'upper', _orange, 1.0, 0.035),
    ('Nose', '', 'upper', _blue, 1.0, 0.035),
    ('Throat', '', 'upper', _blue, 1.0, 0.1),
    ('TailBase', '', 'lower', _blue, 1.0, 0.1),
    ('Withers', '', 'upper', _blue, 1.0, 0.1),
    ('L_F_Elbow', 'R_F_Elbow', 'upper', _green, 1.0, 0.107),
    ('R_F_Elbow', 'L_F_Elbow', 'upper', _orange, 1.0, 0.107),
    ('L_B_Elbow', 'R_B_Elbow', 'lower', _green, 1.0, 0.107),
    ('R_B_Elbow', 'L_B_Elbow', 'lower', _orange, 1.0, 0.107),
    ('L_F_Knee', 'R_F_Knee', 'upper', _green, 1.2, 0.087),
    ('R_F_Knee', 'L_F_Knee', 'upper', _orange, 1.2, 0.087),
    ('L_B_Knee', 'R_B_Knee', 'lower', _green, 1.2, 0.087),
    ('R_B_Knee', 'L_B_Knee', 'lower', _orange, 1.2, 0.087),
    ('L_F_Paw', 'R_F_Paw', 'upper', _green, 1.5, 0.089),
    ('R_F_Paw', 'L_F_Paw', 'upper', _orange, 1.5, 0.089),
    ('L_B_Paw', 'R_B_Paw', 'lower', _green, 1.5, 0.089),
    ('R_B_Paw', 'L_B_Paw', 'lower', _orange, 1.5, 0.089),
]

_links = [
    ('L_Eye', 'R_Eye', _blue),
    ('L_Eye', 'L_EarBase', _green),
    ('R_Eye', 'R_EarBase', _orange),
    ('L_Eye', 'Nose', _green),
    ('R_Eye', 'Nose', _orange),
    ('Nose', 'Throat', _blue),
    ('Throat', 'Withers', _blue),
    ('TailBase', 'Withers', _blue),
    ('Throat', 'L_F_Elbow', _green),
    ('L_F_Elbow', 'L_F_Knee', _green),
    ('L_F_Knee', 'L_F_Paw', _green),
    ('Throat', 'R_F_Elbow', _orange),
    ('R_F_Elbow', 'R_F_Knee', _orange),
    ('R_F_Knee', 'R_F_Paw', _orange),
    ('TailBase', 'L_B_Elbow', _green),
    ('L_B_Elbow', 'L_B_Knee', _green),
    ('L_B_Knee', 'L_B_Paw', _green),
    ('TailBase', 'R_B_Elbow', _orange),
    ('R_B_Elbow', 'R_B_Knee', _orange),
    ('R_B_Knee', 'R_B_Paw', _orange),
]

dataset_info = dict(
    dataset_name='animalpose',
    paper_info=dict(
        author='Cao, Jinkun and Tang, Hongyang and Fang, Hao-Shu and Shen, Xiaoyong and '
        'Lu, Cewu and Tai, Yu-Wing',
        title='Cross-Domain Adaptation for Animal Pose Estimation',
        container='The IEEE International Conference on Computer Vision (ICCV)',
        year='2019',
        homepage='https://sites.google.com/view/animal-pose/',
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
