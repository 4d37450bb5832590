# the fingers with the colour of their joints, 1 at the palm to 4 at the tip, and of their links
_fingers = [
    ('thumb', [255, 128, 0]),
    ('forefinger', [255, 153, 255]),
    ('middle_finger', [102, 178, 255]),
    ('ring_finger', [255, 51, 51]),
    ('pinky_finger', [0, 255, 0]),
]

_joints = [(f'{finger}{joint}', color) for finger, color in _fingers for joint in (1, 2, 3, 4)]

dataset_info = dict(
    dataset_name='onehand10k',
    paper_info=dict(
        author='Wang, Yangang and Peng, Cong and Liu, Yebin',
        title='Mask-pose cascaded cnn for 2d hand pose estimation from single color image',
        container='IEEE Transactions on Circuits and Systems for Video Technology',
        year='2018',
        homepage='https://www.yangangwang.com/papers/WANG-MCC-2018-10.html',
    ),
    keypoint_info={
        i: dict(name=name, id=i, color=color, type='', swap='')
        for i, (name, color) in enumerate([('wrist', [255, 255, 255]), *_joints])
    },
    # every finger is a chain that starts from the wrist
    skeleton_info={
        i: dict(link=('wrist' if i % 4 == 0 else _joints[i - 1][0], name), id=i, color=color)
        for i, (name, color) in enumerate(_joints)
    },
    joint_weights=[1.0] * (1 + len(_joints)),
    sigmas=[],
)

del _fingers, _joints
