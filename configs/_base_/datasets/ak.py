# name, mirror image, half of the body, colour
_keypoints = [
    ('Head_Mid_Top', '', 'upper', [225, 0, 255]),
    ('Eye_Left', 'Eye_Right', 'upper', [220, 20, 60]),
    ('Eye_Right', 'Eye_Left', 'upper', [0, 255, 255]),
    ('Mouth_Front_Top', '', 'upper', [0, 255, 42]),
    ('Mouth_Back_Left', 'Mouth_Back_Right', 'upper', [221, 160, 221]),
    ('Mouth_Back_Right', 'Mouth_Back_Left', 'upper', [135, 206, 250]),
    ('Mouth_Front_Bottom', '', 'upper', [50, 205, 50]),
    ('Shoulder_Left', 'Shoulder_Right', 'upper', [255, 182, 193]),
    ('Shoulder_Right', 'Shoulder_Left', 'upper', [0, 191, 255]),
    ('Elbow_Left', 'Elbow_Right', 'upper', [255, 105, 180]),
    ('Elbow_Right', 'Elbow_Left', 'upper', [30, 144, 255]),
    ('Wrist_Left', 'Wrist_Right', 'upper', [255, 20, 147]),
    ('Wrist_Right', 'Wrist_Left', 'upper', [0, 0, 255]),
    ('Torso_Mid_Back', '', 'upper', [185, 3, 221]),
    ('Hip_Left', 'Hip_Right', 'lower', [255, 215, 0]),
    ('Hip_Right', 'Hip_Left', 'lower', [147, 112, 219]),
    ('Knee_Left', 'Knee_Right', 'lower', [255, 165, 0]),
    ('Knee_Right', 'Knee_Left', 'lower', [138, 43, 226]),
    ('Ankle_Left', 'Ankle_Right', 'lower', [255, 140, 0]),
    ('Ankle_Right', 'Ankle_Left', 'lower', [128, 0, 128]),
    ('Tail_Top_Back', '', 'lower', [0, 251, 255]),
    ('Tail_Mid_Back', '', 'lower', [32, 178, 170]),
    ('Tail_End_Back', '', 'lower', [0, 102, 102]),
]
_colors = {name: color for name, _, _, color in _keypoints}

# the ends of a link, and which of them, 0 or 1, it has its colour from
_links = [
    ('Eye_Left', 'Head_Mid_Top', 0),
    ('Eye_Right', 'Head_Mid_Top', 0),
    ('Mouth_Front_Top', 'Mouth_Back_Left', 1),
    ('Mouth_Front_Top', 'Mouth_Back_Right', 1),
    ('Mouth_Front_Bottom', 'Mouth_Back_Left', 1),
    ('Mouth_Front_Bottom', 'Mouth_Back_Right', 1),
    ('Head_Mid_Top', 'Torso_Mid_Back', 0),
    ('Torso_Mid_Back', 'Tail_Top_Back', 0),
    ('Tail_Top_Back', 'Tail_Mid_Back', 0),
    ('Tail_Mid_Back', 'Tail_End_Back', 0),
    ('Head_Mid_Top', 'Shoulder_Left', 1),
    ('Head_Mid_Top', 'Shoulder_Right', 1),
    ('Shoulder_Left', 'Elbow_Left', 1),
    ('Shoulder_Right', 'Elbow_Right', 1),
    ('Elbow_Left', 'Wrist_Left', 1),
    ('Elbow_Right', 'Wrist_Right', 1),
    ('Tail_Top_Back', 'Hip_Left', 1),
    ('Tail_Top_Back', 'Hip_Right', 1),
    ('Hip_Left', 'Knee_Left', 1),
    ('Hip_Right', 'Knee_Right', 1),
    ('Knee_Left', 'Ankle_Left', 1),
    ('Knee_Right', 'Ankle_Right', 1),
]

dataset_info = dict(
    dataset_name='Animal Kingdom',
    paper_info=dict(
        author='Singapore University of Technology and Design, Singapore. Xun Long Ng, '
        'Kian Eng Ong, Qichen Zheng, Yun Ni, Si Yong Yeo, Jun Liu.',
        title='Animal Kingdom: A Large and Diverse Dataset for Animal Behavior Understanding',
        container='Conference on Computer Vision and Pattern Recognition (CVPR)',
        year='2022',
        homepage='https://sutdcv.github.io/Animal-Kingdom',
        version='1.0 (2022-06)',
        date_created='2022-06',
    ),
    keypoint_info={
        i: dict(name=name, id=i, color=color, type=half, swap=mirror)
        for i, (name, mirror, half, color) in enumerate(_keypoints)
    },
    skeleton_info={
        i: dict(link=tuple(ends), id=i, color=_colors[ends[colored_as]])
        for i, (*ends, colored_as) in enumerate(_links)
    },
    joint_weights=[1.0] * len(_keypoints),
    sigmas=[0.025] * len(_keypoints),
)

del _keypoints, _colors, _links
