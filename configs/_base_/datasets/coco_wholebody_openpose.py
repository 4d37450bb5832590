_base_ = './coco_wholebody.py'

# name, colour
_body = [
    ('nose', [255, 0, 0]),
    ('neck', [255, 85, 0]),
    ('right_shoulder', [255, 170, 0]),
    ('right_elbow', [255, 255, 0]),
    ('right_wrist', [170, 255, 0]),
    ('left_shoulder', [85, 255, 0]),
    ('left_elbow', [0, 255, 0]),
    ('left_wrist', [0, 255, 85]),
    ('right_hip', [0, 255, 170]),
    ('right_knee', [0, 255, 255]),
    ('right_ankle', [0, 170, 255]),
    ('left_hip', [0, 85, 255]),
    ('left_knee', [0, 0, 255]),
    ('left_ankle', [85, 0, 255]),
    ('right_eye', [170, 0, 255]),
    ('left_eye', [255, 0, 255]),
    ('right_ear', [255, 0, 170]),
    ('left_ear', [255, 0, 85]),
]

_body_links = [
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

_hand_colors = 2 * [
    *([255, 0, 0], [255, 76, 0], [255, 153, 0], [255, 230, 0]),  # thumb
    *([204, 255, 0], [128, 255, 0], [51, 255, 0], [0, 255, 26]),  # forefinger
    *([0, 255, 102], [0, 255, 178], [0, 255, 255], [0, 178, 255]),  # middle finger
    *([0, 102, 255], [0, 26, 255], [51, 0, 255], [128, 0, 255]),  # ring finger
    *([204, 0, 255], [255, 0, 230], [255, 0, 153], [255, 0, 76]),  # pinky finger
]
_hand_colors[30] = [255, 255, 255]  # right middle finger, as published

_whole = _base_.dataset_info
_by_name = {keypoint['name']: keypoint for keypoint in _whole.keypoint_info.values()}
_by_name['neck'] = dict(type='upper', swap='')

# OpenPose's order and colours; feet, face and hands follow the body as in COCO-WholeBody
dataset_info = dict(
    dataset_name='coco_wholebody_openpose',
    keypoint_info={
        **{
            i: dict(_by_name[name], name=name, id=i, color=color)
            for i, (name, color) in enumerate(_body)
        },
        # the feet and the face bear their ids of COCO-WholeBody, as published
        **{i + 1: dict(_whole.keypoint_info[i], color=[0, 0, 0]) for i in range(17, 23)},
        **{i + 1: _whole.keypoint_info[i] for i in range(23, 91)},
        **{
            i + 1: dict(_whole.keypoint_info[i], id=i + 1, color=[0, 0, 255])
            for i in range(91, 133)
        },
    },
    skeleton_info={
        '_delete_': True,
        **{
            i: dict(link=(start, end), id=i, color=color)
            for i, (start, end, color) in enumerate(_body_links)
        },
        **{
            i - 8: dict(_whole.skeleton_info[i], id=i - 8, color=color)
            for i, color in enumerate(_hand_colors, 25)
        },
    },
    joint_weights=[1.0] * 134,
    # published so: in the order of COCO-WholeBody behind one more, not in that of the keypoints
    sigmas=[0.026, *_whole.sigmas],
)

del _body, _body_links, _hand_colors, _whole, _by_name
