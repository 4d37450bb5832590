_blue, _green, _orange, _white = [51, 153, 255], [0, 255, 0], [255, 128, 0], [255, 255, 255]

# name, mirror image, half of the body, colour
_body = [
    ('left_shoulder', 'right_shoulder', 'upper', _green),
    ('right_shoulder', 'left_shoulder', 'upper', _orange),
    ('left_elbow', 'right_elbow', 'upper', _green),
    ('right_elbow', 'left_elbow', 'upper', _orange),
    ('left_wrist', 'right_wrist', 'upper', _green),
    ('right_wrist', 'left_wrist', 'upper', _orange),
    ('left_hip', 'right_hip', 'lower', _green),
    ('right_hip', 'left_hip', 'lower', _orange),
    ('left_knee', 'right_knee', 'lower', _green),
    ('right_knee', 'left_knee', 'lower', _orange),
    ('left_ankle', 'right_ankle', 'lower', _green),
    ('right_ankle', 'left_ankle', 'lower', _orange),
    ('head', '', 'upper', _blue),
    ('neck', '', 'upper', _blue),
]

# points in pairs, one on either edge of the outline
_outline = [
    ('right_neck', 'left_neck', 'upper', _white),
    ('left_neck', 'right_neck', 'upper', _white),
    *(
        (f'{edge}_{side}_{part}', f'{edge}_{other}_{part}', half, _white)
        for half, parts in (
            ('upper', ('shoulder', 'bow', 'wrist')),
            ('lower', ('hip', 'knee', 'ankle')),
        )
        for side, other in (('right', 'left'), ('left', 'right'))
        for part in parts
        for edge in ('medial', 'lateral')
    ),
]

_links = [
    ('head', 'neck', _blue),
    ('neck', 'left_shoulder', _blue),
    ('neck', 'right_shoulder', _blue),
    ('left_shoulder', 'left_elbow', _green),
    ('right_shoulder', 'right_elbow', _orange),
    ('left_elbow', 'left_wrist', _green),
    ('right_elbow', 'right_wrist', _orange),
    ('left_shoulder', 'left_hip', _blue),
    ('right_shoulder', 'right_hip', _blue),
    ('left_hip', 'right_hip', _blue),
    ('left_hip', 'left_knee', _green),
    ('right_hip', 'right_knee', _orange),
    ('left_knee', 'left_ankle', _green),
    ('right_knee', 'right_ankle', _orange),
    *((_outline[i][0], _outline[i + 1][0], _white) for i in range(0, len(_outline), 2)),
]

dataset_info = dict(
    dataset_name='mpii_trb',
    paper_info=dict(
        author='Duan, Haodong and Lin, Kwan-Yee and Jin, Sheng and Liu, Wentao and Qian, Chen and '
        'Ouyang, Wanli',
        title='TRB: A Novel Triplet Representation for Understanding 2D Human Body',
        container='Proceedings of the IEEE International Conference on Computer Vision',
        year='2019',
        homepage='https://github.com/kennymckormick/Triplet-Representation-of-human-Body',
    ),
    keypoint_info={
        i: dict(name=name, id=i, color=color, type=half, swap=mirror)
        for i, (name, mirror, half, color) in enumerate(_body + _outline)
    },
    skeleton_info={
        i: dict(link=(start, end), id=i, color=color)
        for i, (start, end, color) in enumerate(_links)
    },
    joint_weights=[1.0] * len(_body + _outline),
    sigmas=[],
)

del _blue, _green, _orange, _white, _body, _outline, _links
