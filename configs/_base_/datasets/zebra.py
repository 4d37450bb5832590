# name, mirror image
_keypoints = [
    ('snout', ''),
    ('head', ''),
    ('neck', ''),
    ('forelegL1', 'forelegR1'),
    ('forelegR1', 'forelegL1'),
    ('hindlegL1', 'hindlegR1'),
    ('hindlegR1', 'hindlegL1'),
    ('tailbase', ''),
    ('tailtip', ''),
]

_links = [
    ('head', 'snout'),
    ('neck', 'head'),
    ('forelegL1', 'neck'),
    ('forelegR1', 'neck'),
    ('hindlegL1', 'tailbase'),
    ('hindlegR1', 'tailbase'),
    ('tailbase', 'neck'),
    ('tailtip', 'tailbase'),
]

dataset_info = dict(
    dataset_name='zebra',
    paper_info=dict(
        author='Graving, Jacob M and Chae, Daniel and Naik, Hemal and Li, Liang and '
        'Koger, Benjamin and Costelloe, Blair R and Couzin, Iain D',
        title='DeepPoseKit, a software toolkit for fast and robust animal pose estimation using '
        'deep learning',
        container='Elife',
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

del _keypoints, _links
