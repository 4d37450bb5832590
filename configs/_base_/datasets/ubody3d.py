_base_ = './ubody2d.py'

_green, _orange, _white = [0, 255, 0], [255, 128, 0], [255, 255, 255]
_sides = [('L', 'R'), ('R', 'L')]

# name, mirror image, half of the body
_body = [
    ('Pelvis', '', ''),
    ('L_Hip', 'R_Hip', 'lower'),
    ('R_Hip', 'L_Hip', 'lower'),
    ('L_Knee', 'R_Knee', 'lower'),
    ('R_Knee', 'L_Knee', 'lower'),
    ('L_Ankle', 'R_Ankle', 'lower'),
    ('R_Ankle', 'L_Ankle', 'lower'),
    ('Neck', '', 'upper'),
    ('L_Shoulder', 'R_Shoulder', 'upper'),
    ('R_Shoulder', 'L_Shoulder', 'upper'),
    ('L_Elbow', 'R_Elbow', 'upper'),
    ('R_Elbow', 'L_Elbow', 'upper'),
    ('L_Wrist', 'R_Wrist', 'upper'),
    ('R_Wrist', 'L_Wrist', 'upper'),
    ('L_Big_toe', 'R_Big_toe', 'lower'),
    ('L_Small_toe', 'R_Small_toe', 'lower'),
    ('L_Heel', 'R_Heel', 'lower'),
    ('R_Big_toe', 'L_Big_toe', 'lower'),
    ('R_Small_toe', 'L_Small_toe', 'lower'),
    ('R_Heel', 'L_Heel', 'lower'),
    ('L_Ear', 'R_Ear', 'upper'),
    ('R_Ear', 'L_Ear', 'upper'),
    ('L_Eye', 'R_Eye', ''),
    ('R_Eye', 'L_Eye', ''),
    ('Nose', '', 'upper'),
]

_fingers = ['Thumb', 'Index', 'Middle', 'Ring', 'Pinky']

# the mirror image of each of the points Face_1 to Face_72
_face = [
    *(1, 2, 4, 3),
    *range(14, 4, -1),  # brows
    *range(15, 19),  # ridge of the nose
    *range(23, 18, -1),  # nostrils
    *(33, 32, 31, 30, 35, 34),  # one eye
    *(27, 26, 25, 24, 29, 28),  # the other
    *range(42, 35, -1),  # outline of the lips: above, then below
    *range(47, 42, -1),
    *range(52, 47, -1),  # the mouth within the lips: above, then below
    *range(55, 52, -1),
    *range(72, 55, -1),  # jaw
]

_keypoints = [
    *((*row, _green) for row in _body),
    *(
        (f'{side}_{finger}_{joint}', f'{other}_{finger}_{joint}', '', _orange)
        for side, other in _sides
        for finger in _fingers
        for joint in range(1, 5)
    ),
    *(
        (f'Face_{i}', '' if mirror == i else f'Face_{mirror}', '', _white)
        for i, mirror in enumerate(_face, 1)
    ),
]

_links = [
    ('L_Ankle', 'L_Knee'),
    ('L_Knee', 'L_Hip'),
    ('R_Ankle', 'R_Knee'),
    ('R_Knee', 'R_Hip'),
    ('L_Hip', 'R_Hip'),
    ('L_Shoulder', 'L_Hip'),
    ('R_Shoulder', 'R_Hip'),
    ('L_Shoulder', 'R_Shoulder'),
    ('L_Shoulder', 'L_Elbow'),
    ('R_Shoulder', 'R_Elbow'),
    ('L_Elbow', 'L_Wrist'),
    ('R_Elbow', 'R_Wrist'),
    ('L_Eye', 'R_Eye'),
    ('Nose', 'L_Eye'),
    ('Nose', 'R_Eye'),
    ('L_Eye', 'L_Ear'),
    ('R_Eye', 'R_Ear'),
    ('L_Ear', 'L_Shoulder'),
    ('R_Ear', 'R_Shoulder'),
    *(
        (f'{side}_Ankle', f'{side}_{toe}')
        for side, _ in _sides
        for toe in ('Big_toe', 'Small_toe', 'Heel')
    ),
    *(
        (f'{side}_{start}', f'{side}_{finger}_{joint}')
        for side, _ in _sides
        for finger in _fingers
        if (side, finger) != ('R', 'Ring')  # published without links
        for joint, start in enumerate(('Wrist', *(f'{finger}_{i}' for i in (1, 2, 3))), 1)
    ),
]

dataset_info = dict(
    _delete_=True,
    dataset_name='ubody3d',
    paper_info=_base_.dataset_info.paper_info,
    keypoint_info={
        i: dict(name=name, id=i, color=color, type=half, swap=mirror)
        for i, (name, mirror, half, color) in enumerate(_keypoints)
    },
    # the colours go by the number of the link, as published
    skeleton_info={
        i: dict(link=link, id=i, color=_green if i < 11 else _orange if i < 31 else _white)
        for i, link in enumerate(_links)
    },
    joint_weights=[1.0] * len(_keypoints),
    sigmas=[],
)

del _green, _orange, _white, _sides, _body, _fingers, _face, _keypoints, _links
