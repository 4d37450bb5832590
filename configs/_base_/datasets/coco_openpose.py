# name, mirror image, half of the body, colour; OKS sigma
_keypoints = [
    ('nose', '', 'upper', [255, 0, 0], 0.026),
    ('neck', '', 'upper', [255, 85, 0], 0.025),
    ('right_shoulder', 'left_shoulder', 'upper', [255, 170, 0], 0.025),
    ('right_elbow', 'left_elbow', 'upper', [255, 255, 0], 0.035),
    ('right_wrist', 'left_wrist', 'upper', [170, 255, 0], 0.035),
    ('left_shoulder', 'right_shoulder', 'upper', [85, 255, 0], 0.079),
    ('left_elbow', 'right_elbow', 'upper', [0, 255, 0], 0.079),
    ('left_wrist', 'right_wrist', 'upper', [0, 255, 85], 0.072),
    ('right_hip', 'left_hip', 'lower', [0, 255, 170], 0.072),
    ('right_knee', 'left_knee', 'lower', [0, 255, 255], 0.062),
    ('right_ankle', 'left_ankle', 'lower', [0, 170, 255], 0.062),
    ('left_hip', 'right_hip', 'lower', [0, 85, 255], 0.107),
    ('left_knee', 'right_knee', 'lower', [0, 0, 255], 0.107),
    ('left_ankle', 'right_ankle', 'lower', [85, 0, 255], 0.087),
    ('right_eye', 'left_eye', 'upper', [170, 0, 255], 0.087),
    ('left_eye', 'right_eye', 'upper', [255, 0, 255], 0.089),
    ('right_ear', 'left_ear', 'upper', [255, 0, 170], 0.089),
    ('left_ear', 'right_ear', 'upper', [255, 0, 85], 0.082),
]

_links = [
    ('neck', 'right_shoulder', [255, 0, 0]),
    ('neck', 'left_shoulder', [255, 85, 0]),
    ('right_shoulder', 'right_elbow', [255, 170, 0]),
    ('right_elbow', 'right_wrist', [255, 255, 0]),
    ('left_shoulder', 'left_elbow', [170, 255, 0]),
    ('left_elbow', 'left_wrist', [85, 255, 0]),
    ('neck', 'right_hip', [0, 255, 0]),
    ('right_hip', 'right_knee', [0, 255, 85]),
    ('right_knee', 'right_ankle', [0, 255, 170]),
    ('neck', 'left_hip', [0, 255, 225]),
    ('left_hip', 'left_knee', [0, 170, 255]),
    ('left_knee', 'left_ankle', [0, 85, 255]),
    ('neck', 'nose', [0, 0, 255]),
    ('nose', 'right_eye', [255, 0, 170]),
    ('right_eye', 'right_ear', [170, 0, 255]),
    ('nose', 'left_eye', [255, 0, 255]),
    ('left_eye', 'left_ear', [255, 0, 170]),
]

dataset_info = dict(
    dataset_name='coco_openpose',
    paper_info=dict(
        author='Zhe, Cao and Tomas, Simon and Shih-En, Wei and Yaser, Sheikh',
        title='OpenPose: Realtime Multi-Person 2D Pose Estimation using Part Affinity Fields',
        container='IEEE Transactions on Pattern Analysis and Machine Intelligence',
        year='2019',
        homepage='https://github.com/CMU-Perceptual-Computing-Lab/openpose/',
    ),
    keypoint_info={
        i: dict(name=name, id=i, color=color, type=half, swap=mirror)
        for i, (name, mirror, half, color, _) in enumerate(_keypoints)
    },
    skeleton_info={
        i: dict(link=(start, end), id=i, color=color)
        for i, (start, end, color) in enumerate(_links)
    },
    joint_weights=[1.0] * len(_keypoints),
    sigmas=[row[-1] for row in _keypoints],
)

del _keypoints, _links
