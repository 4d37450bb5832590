_base_ = './coco_wholebody.py'

_blue, _green, _orange = [51, 153, 255], [0, 255, 0], [255, 128, 0]

# name, mirror image, half of the body, OKS sigma; they stand between COCO's 17 keypoints and the
# face and hands of COCO-WholeBody
_keypoints = [
    ('head', '', 'upper', 0.08),
    ('neck', '', 'upper', 0.08),
    ('hip', '', 'lower', 0.08),
    ('left_big_toe', 'right_big_toe', 'lower', 0.089),
    ('right_big_toe', 'left_big_toe', 'lower', 0.089),
    ('left_small_toe', 'right_small_toe', 'lower', 0.089),
    ('right_small_toe', 'left_small_toe', 'lower', 0.089),
    ('left_heel', 'right_heel', 'lower', 0.089),
    ('right_heel', 'left_heel', 'lower', 0.089),
]

_links = [
    ('left_ankle', 'left_knee', _green),
    ('left_knee', 'left_hip', _green),
    ('left_hip', 'hip', _green),
    ('right_ankle', 'right_knee', _orange),
    ('right_knee', 'right_hip', _orange),
    ('right_hip', 'hip', _orange),
    ('head', 'neck', _blue),
    ('neck', 'hip', _blue),
    ('neck', 'left_shoulder', _green),
    ('left_shoulder', 'left_elbow', _green),
    ('left_elbow', 'left_wrist', _green),
    ('neck', 'right_shoulder', _orange),
    ('right_shoulder', 'right_elbow', _orange),
    ('right_elbow', 'right_wrist', _orange),
    ('left_eye', 'right_eye', _blue),
    ('nose', 'left_eye', _blue),
    ('nose', 'right_eye', _blue),
    ('left_eye', 'left_ear', _blue),
    ('right_eye', 'right_ear', _blue),
    ('left_ear', 'left_shoulder', _blue),
    ('right_ear', 'right_shoulder', _blue),
    ('left_ankle', 'left_big_toe', _green),
    ('left_ankle', 'left_small_toe', _green),
    ('left_ankle', 'left_heel', _green),
    ('right_ankle', 'right_big_toe', _orange),
    ('right_ankle', 'right_small_toe', _orange),
    ('right_ankle', 'right_heel', _orange),
    *(  # the hands, whose fingers start at the wrist
        (link['link'][0].replace('hand_root', 'wrist'), link['link'][1], link['color'])
        for i, link in _base_.dataset_info.skeleton_info.items()
        if i >= 25
    ),
]

dataset_info = dict(
    dataset_name='halpe',
    paper_info=dict(
        author='Li, Yong-Lu and Xu, Liang and Liu, Xinpeng and Huang, Xijie and Xu, Yue and '
        'Wang, Shiyi and Fang, Hao-Shu and Ma, Ze and Chen, Mingyang and Lu, Cewu',
        title='PaStaNet: Toward Human Activity Knowledge Engine',
        container='CVPR',
        year='2020',
        homepage='https://github.com/Fang-Haoshu/Halpe-FullBody/',
    ),
    keypoint_info={
        **{
            i: dict(name=name, id=i, color=_orange, type=half, swap=mirror)
            for i, (name, mirror, half, _) in enumerate(_keypoints, 17)
        },
        **{
            i + 3: dict(keypoint, id=i + 3)
            for i, keypoint in _base_.dataset_info.keypoint_info.items()
            if i >= 23
        },
    },
    skeleton_info={
        i: dict(link=(start, end), id=i, color=color)
        for i, (start, end, color) in enumerate(_links)
    },
    joint_weights=[1.0] * 136,
    sigmas=[*_base_.dataset_info.sigmas[:17], *(row[-1] for row in _keypoints), *[0.015] * 110],
)

del _blue, _green, _orange, _keypoints, _links
