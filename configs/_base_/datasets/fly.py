_legs = [
    (f'{leg}leg{side}', f'{leg}leg{mirror}')
    for side, mirror in ('RL', 'LR')
    for leg in ('fore', 'mid', 'hind')
]

# name, mirror image
_keypoints = [
    ('head', ''),
    ('eyeL', 'eyeR'),
    ('eyeR', 'eyeL'),
    ('neck', ''),
    ('thorax', ''),
    ('abdomen', ''),
    *((f'{leg}{joint}', f'{mirror}{joint}') for leg, mirror in _legs for joint in (1, 2, 3, 4)),
    ('wingL', 'wingR'),
    ('wingR', 'wingL'),
]

_links = [
    ('eyeL', 'head'),
    ('eyeR', 'head'),
    ('neck', 'head'),
    ('thorax', 'neck'),
    ('abdomen', 'thorax'),
    *((f'{leg}{joint}', f'{leg}{joint - 1}') for leg, _ in _legs for joint in (2, 3, 4)),
    ('wingL', 'neck'),
    ('wingR', 'neck'),
]

dataset_info = dict(
    dataset_name='fly',
    paper_info=dict(
        author='Pereira, Talmo D and Aldarondo, Diego E and Willmore, Lindsay and '
        'Kislin, Mikhail and Wang, Samuel S-H and Murthy, Mala and Shaevitz, Joshua W',
        title='Fast animal pose estimation using deep neural networks',
        container='Nature methods',
        year='2019',
        homepage='https://github.com/jgraving/DeepPoseKit-Data',
    ),
    keypoint_info={
        i: dict(name=name, id=i, color=[255, 255, 255], type='', swap=mirror)
        for i, (name, mirror) in enumerate(_keypoints)
    },
    skeleton_info={
        i: dict(link=link, id=i, color=[255, 255, 255]) for i, link in enumerate(_links)
    },
    joint_weights=[1.0] * len(_keypoints),
    sigmas=[],
)

del _legs, _keypoints, _links
