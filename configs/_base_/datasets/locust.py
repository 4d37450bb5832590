_base_ = './zebra.py'  # of the same paper, and without colours as well

_legs = ['foreleg', 'midleg', 'hindleg']
_parts = [
    *(('anttip', ''), ('antbase', ''), ('eye', '')),
    *((leg, joint) for leg in _legs for joint in (1, 2, 3, 4)),
]

# name, mirror image: the trunk, then the parts of the left side, then those of the right one
_keypoints = [
    *((name, '') for name in ('head', 'neck', 'thorax', 'abdomen1', 'abdomen2')),
    *(
        (f'{part}{side}{joint}', f'{part}{mirror}{joint}')
        for side, mirror in ('LR', 'RL')
        for part, joint in _parts
    ),
]

_links = [
    *(('neck', 'head'), ('thorax', 'neck'), ('abdomen1', 'thorax'), ('abdomen2', 'abdomen1')),
    *(
        link
        for side in 'LR'
        for link in [
            (f'antbase{side}', f'anttip{side}'),
            (f'eye{side}', f'antbase{side}'),
            *((f'{leg}{side}{i}', f'{leg}{side}{i - 1}') for leg in _legs for i in (2, 3, 4)),
        ]
    ),
]

dataset_info = dict(
    dataset_name='locust',
    keypoint_info={
        i: dict(name=name, id=i, color=[255, 255, 255], type='', swap=mirror)
        for i, (name, mirror) in enumerate(_keypoints)
    },
    skeleton_info={
        i: dict(link=link, id=i, color=[255, 255, 255]) for i, link in enumerate(_links)
    },
    joint_weights=[1.0] * len(_keypoints),
)

del _legs, _parts, _keypoints, _links
