_trunk, _front, _hind = [255, 153, 255], [255, 102, 255], [255, 51, 255]

# name, half of the body, colour; no point has a mirror image
_keypoints = [
    ('Nose', 'upper', _trunk),
    ('Eye', 'upper', _trunk),
    ('Nearknee', 'upper', _front),
    ('Nearfrontfetlock', 'upper', _front),
    ('Nearfrontfoot', 'upper', _front),
    ('Offknee', 'upper', _front),
    ('Offfrontfetlock', 'upper', _front),
    ('Offfrontfoot', 'upper', _front),
    ('Shoulder', 'upper', _trunk),
    ('Midshoulder', 'upper', _trunk),
    ('Elbow', 'upper', _trunk),
    ('Girth', 'upper', _trunk),
    ('Wither', 'upper', _trunk),
    ('Nearhindhock', 'lower', _hind),
    ('Nearhindfetlock', 'lower', _hind),
    ('Nearhindfoot', 'lower', _hind),
    ('Hip', 'lower', _trunk),
    ('Stifle', 'lower', _trunk),
    ('Offhindhock', 'lower', _hind),
    ('Offhindfetlock', 'lower', _hind),
    ('Offhindfoot', 'lower', _hind),
    ('Ischium', 'lower', _trunk),
]

_links = [
    ('Nose', 'Eye', _trunk),
    ('Eye', 'Wither', _trunk),
    ('Wither', 'Hip', _trunk),
    ('Hip', 'Ischium', _trunk),
    ('Ischium', 'Stifle', _trunk),
    ('Stifle', 'Girth', _trunk),
    ('Girth', 'Elbow', _trunk),
    ('Elbow', 'Shoulder', _trunk),
    ('Shoulder', 'Midshoulder', _trunk),
    ('Midshoulder', 'Wither', _trunk),
    ('Nearknee', 'Nearfrontfetlock', _front),
    ('Nearfrontfetlock', 'Nearfrontfoot', _front),
    ('Offknee', 'Offfrontfetlock', _front),
    ('Offfrontfetlock', 'Offfrontfoot', _front),
    ('Nearhindhock', 'Nearhindfetlock', _hind),
    ('Nearhindfetlock', 'Nearhindfoot', _hind),
    ('Offhindhock', 'Offhindfetlock', _hind),
    ('Offhindfetlock', 'Offhindfoot', _hind),
]

dataset_info = dict(
    dataset_name='horse10',
    paper_info=dict(
        author='Mathis, Alexander and Biasi, Thomas and Schneider, Steffen and '
        'Yuksekgonul, Mert and Rogers, Byron and Bethge, Matthias and Mathis, Mackenzie W',
        title='Pretraining boosts out-of-domain robustness for pose estimation',
        container='Proceedings of the IEEE/CVF Winter Conference on Applications of Computer '
        'Vision',
        year='2021',
        homepage='http://www.mackenziemathislab.org/horse10',
    ),
    keypoint_info={
        i: dict(name=name, id=i, color=color, type=half, swap='')
        for i, (name, half, color) in enumerate(_keypoints)
    },
    skeleton_info={
        i: dict(link=(start, end), id=i, color=color)
        for i, (start, end, color) in enumerate(_links)
    },
    joint_weights=[1.0] * len(_keypoints),
    sigmas=[],
)

del _trunk, _front, _hind, _keypoints, _links
