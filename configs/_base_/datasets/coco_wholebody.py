_base_ = './coco.py'

_green, _orange, _white = [0, 255, 0], [255, 128, 0], [255, 255, 255]
_sides = [('left', 'right', _green), ('right', 'left', _orange)]

_toes = ['big_toe', 'small_toe', 'heel']

# the mirror image of each of the 68 points of the face; sides are those of the picture
_face = [
    *range(16, -1, -1),  # jaw
    *range(26, 16, -1),  # brows
    *range(27, 31),  # ridge of the nose
    *range(35, 30, -1),  # nostrils
    *(45, 44, 43, 42, 47, 46),  # left eye
    *(39, 38, 37, 36, 41, 40),  # right eye
    *range(54, 47, -1),  # outline of the lips: above, then below
    *range(59, 54, -1),
    *range(64, 59, -1),  # the mouth within the lips: above, then below
    *range(67, 64, -1),
]

# a hand is its root and four joints of each finger, counted towards the tip
_fingers = [
    ('thumb', _orange),
    ('forefinger', [255, 153, 255]),
    ('middle_finger', [102, 178, 255]),
    ('ring_finger', [255, 51, 51]),
    ('pinky_finger', _green),
]
_hand = [
    ('hand_root', _white),
    *((f'{finger}{joint}', color) for finger, color in _fingers for joint in range(1, 5)),
]
_hand_sigmas = [
    0.029,
    *(0.022, 0.035, 0.037, 0.047),
    *(0.026, 0.025, 0.024, 0.035),
    *(0.018, 0.024, 0.022, 0.026),
    *(0.017, 0.021, 0.021, 0.032),
    *(0.020, 0.019, 0.022, 0.031),
]

# name, mirror image, half of the body, colour; they follow the 17 keypoints of COCO
_keypoints = [
    *(
        (f'{side}_{toe}', f'{other}_{toe}', 'lower', _orange)
        for side, other, _ in _sides
        for toe in _toes
    ),
    *(
        (f'face-{i}', '' if mirror == i else f'face-{mirror}', '', _white)
        for i, mirror in enumerate(_face)
    ),
    *(
        (f'{side}_{point}', f'{other}_{point}', '', color)
        for side, other, _ in _sides
        for point, color in _hand
    ),
]

_links = [
    *((f'{side}_ankle', f'{side}_{toe}', color) for side, _, color in _sides for toe in _toes),
    *(
        (f'{side}_{start}', f'{side}_{finger}{joint}', color)
        for side, *_ in _sides
        for finger, color in _fingers
        for joint, start in enumerate(('hand_root', *(f'{finger}{i}' for i in (1, 2, 3))), 1)
    ),
]

dataset_info = dict(
    dataset_name='coco_wholebody',
    paper_info=dict(
        author='Jin, Sheng and Xu, Lumin and Xu, Jin and Wang, Can and Liu, Wentao and '
        'Qian, Chen and Ouyang, Wanli and Luo, Ping',
        title='Whole-Body Human Pose Estimation in the Wild',
        container='Proceedings of the European Conference on Computer Vision (ECCV)',
        year='2020',
        homepage='https://github.com/jin-s13/COCO-WholeBody/',
    ),
    keypoint_info={
        i: dict(name=name, id=i, color=color, type=half, swap=mirror)
        for i, (name, mirror, half, color) in enumerate(_keypoints, 17)
    },
    skeleton_info={
        i: dict(link=(start, end), id=i, color=color)
        for i, (start, end, color) in enumerate(_links, 19)
    },
    joint_weights=[1.0] * 133,
    sigmas=[
        *_base_.dataset_info.sigmas,
        *(0.068, 0.066, 0.066, 0.092, 0.094, 0.094),  # feet
        *(0.042, 0.043, 0.044, 0.043, 0.040, 0.035, 0.031, 0.025, 0.020),  # jaw
        *(0.023, 0.029, 0.032, 0.037, 0.038, 0.043, 0.041, 0.045),
        *(0.013, 0.012, 0.011, 0.011, 0.012, 0.012, 0.011, 0.011, 0.013, 0.015),  # brows
        *(0.009, 0.007, 0.007, 0.007, 0.012, 0.009, 0.008, 0.016, 0.010),  # nose
        *(0.017, 0.011, 0.009, 0.011, 0.009, 0.007),  # left eye
        *(0.013, 0.008, 0.011, 0.012, 0.010, 0.034),  # right eye
        *(0.008, 0.008, 0.009, 0.008, 0.008, 0.007, 0.010, 0.008, 0.009, 0.009, 0.009, 0.007),
        *(0.007, 0.008, 0.011, 0.008, 0.008, 0.008, 0.010, 0.008),  # the mouth within the lips
        *_hand_sigmas,
        *_hand_sigmas,
    ],
)

del _green, _orange, _white, _sides, _toes, _face, _fingers, _hand, _hand_sigmas
del _keypoints, _links
