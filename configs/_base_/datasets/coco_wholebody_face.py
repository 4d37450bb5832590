_base_ = './coco_wholebody.py'

_whole = _base_.dataset_info

# points 23-90 of COCO-WholeBody
dataset_info = dict(
    dataset_name='coco_wholebody_face',
    keypoint_info={
        '_delete_': True,
        **{  # 51 bears the id 52, as published
            i: dict(_whole.keypoint_info[23 + i], id=52 if i == 51 else i, color=[255, 0, 0])
            for i in range(68)
        },
    },
    skeleton_info=dict(_delete_=True),
    joint_weights=_whole.joint_weights[23:91],
    sigmas=_whole.sigmas[23:91],
)

del _whole
