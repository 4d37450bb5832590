from itertools import pairwise

# The mirror image of each point, by its number in the garment. Behind the points listed here lies
# the outline, which is mirrored end to end.
_top = [1, 6, 5, 4, 3, 2]  # neckline
_waist = [3, 2, 1]
_vest = [*_top, *range(15, 9, -1), 13, 8, 7]  # 9 names 13, which names none, as published
_sso = [1, 26, 5, 6, 3, 4, *range(25, 16, -1), 29, *range(15, 6, -1), 2, 30, 31, 16, 27, 28]
_lso = [1, 6, 5, 34, 3, 2, *range(33, 20, -1), 37, *range(19, 6, -1), 4, 38, 39, 20, 35, 36]

# garment, its number of points, their mirror images, colour
_garments = [
    ('sss', 25, _top, [255, 128, 0]),  # short-sleeved shirt
    ('lss', 33, _top, [255, 0, 128]),  # long-sleeved shirt
    ('sso', 31, _sso, [128, 0, 255]),  # short-sleeved outwear
    ('lso', 39, _lso, [0, 128, 255]),  # long-sleeved outwear
    ('vest', 15, _vest, [0, 128, 128]),
    ('sling', 15, _top, [0, 0, 128]),
    ('shorts', 10, _waist, [128, 128, 128]),
    ('trousers', 14, _waist, [128, 0, 128]),
    ('skirt', 8, _waist, [64, 128, 128]),
    ('ssd', 29, _top, [64, 64, 128]),  # short-sleeved dress
    ('lsd', 37, _top, [128, 64, 0]),  # long-sleeved dress
    ('vd', 19, _top, [128, 64, 255]),  # vest dress
    ('sd', 19, _top, [128, 64, 0]),  # sling dress
]

# the points that a garment's links pass, path by path
_paths = dict(
    sss=[(1, 2, *range(7, 26), 6, 1), (2, 3, 4, 5, 6)],
    lss=[(1, 2, *range(7, 34), 6, 5, 4, 3, 2), (6, 1)],
    sso=[(1, 4, *range(7, 17), 31, 30, 2, 3, 4), (1, 6, *range(25, 16, -1), 29, 28, 27, 26, 5, 6)],
    lso=[(1, 2, *range(7, 21), 39, 38, 4, 3, 2), (1, 6, *range(33, 20, -1), 37, 36, 35, 34, 5, 6)],
    vest=[(1, 2, *range(7, 16), 6, 1), (2, 3, 4, 5, 6)],
    sling=[(1, 2, *range(8, 15), 6), (2, 7), (6, 15), (2, 3, 4, 5, 6), (1, 6)],
    shorts=[(1, *range(4, 11), 3, 2, 1)],
    trousers=[(1, *range(4, 15), 3, 2, 1)],
    skirt=[(1, *range(4, 9), 3, 2, 1)],
    ssd=[(1, 2, *range(7, 30), 6, 5, 4, 3, 2), (6, 1)],
    lsd=[(1, 2, *range(7, 38), 6, 5, 4, 3, 2), (6, 1)],
    vd=[(1, 2, *range(7, 20), 6, 5, 4, 3, 2), (6, 1)],
    sd=[(1, 2, *range(8, 19), 6, 5, 4, 3, 2, 7), (6, 19), (6, 1)],
)

_keypoints = [
    (f'{garment}_kpt{i}', '' if i == mirror else f'{garment}_kpt{mirror}', color)
    for garment, K, first, color in _garments
    for i, mirror in enumerate([*first, *range(K, len(first), -1)], start=1)
]
_links = [
    (f'{garment}_kpt{start}', f'{garment}_kpt{end}', color)
    for garment, _, _, color in _garments
    for path in _paths[garment]
    for start, end in pairwise(path)
]

dataset_info = dict(
    dataset_name='deepfashion2',
    paper_info=dict(
        author='Yuying Ge and Ruimao Zhang and Lingyun Wu and Xiaogang Wang and Xiaoou Tang '
        'and Ping Luo',
        title='DeepFashion2: A Versatile Benchmark for Detection, Pose Estimation, Segmentation '
        'and Re-Identification of Clothing Images',
        container='Proceedings of IEEE Conference on Computer Vision and Pattern Recognition '
        '(CVPR)',
        year='2019',
        homepage='https://github.com/switchablenorms/DeepFashion2',
    ),
    keypoint_info={
        i: dict(name=name, id=i, color=color, type='', swap=mirror)
        for i, (name, mirror, color) in enumerate(_keypoints)
    },
    skeleton_info={  # 227 bears the id 228, as published
        i: dict(link=(start, end), id=228 if i == 227 else i, color=color)
        for i, (start, end, color) in enumerate(_links)
    },
    joint_weights=[1.0] * len(_keypoints),
    sigmas=[],
)

del pairwise, _top, _waist, _vest, _sso, _lso, _garments, _paths, _keypoints, _links
