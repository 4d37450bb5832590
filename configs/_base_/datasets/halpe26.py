_base_ = './halpe.py'

# the body and the feet of Halpe
dataset_info = dict(
    dataset_name='halpe26',
    keypoint_info={
        '_delete_': True,
        **{i: kpt for i, kpt in _base_.dataset_info.keypoint_info.items() if i < 26},
    },
    skeleton_info={
        '_delete_': True,
        **{i: link for i, link in _base_.dataset_info.skeleton_info.items() if i < 27},
    },
    joint_weights=[
        *(1.0, 1.0, 1.0, 1.0, 1.0),  # head
        *(1.0, 1.0, 1.2, 1.2, 1.5, 1.5),  # arms
        *(1.0, 1.0, 1.2, 1.2, 1.5, 1.5),  # legs
        *(1.0, 1.0, 1.2),  # axis of the body
        *(1.5, 1.5, 1.5, 1.5, 1.5, 1.5),  # feet
    ],
    sigmas=[*_base_.dataset_info.sigmas[:17], 0.026, 0.026, 0.066, *[0.079] * 6],
)
