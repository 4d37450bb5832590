_base_ = './coco.py'

_blue = [51, 153, 255]

# the 17 keypoints of COCO, and two that AI Challenger has besides
dataset_info = dict(
    paper_info=[
        _base_.dataset_info.paper_info,
        dict(
            author='Wu, Jiahong and Zheng, He and Zhao, Bo and Li, Yixin and Yan, Baoming and '
            'Liang, Rui and Wang, Wenjia and Zhou, Shipei and Lin, Guosen and Fu, Yanwei and '
            'others',
            title='Ai challenger: A large-scale dataset for going deeper in image understanding',
            container='arXiv',
            year='2017',
            homepage='https://github.com/AIChallenger/AI_Challenger_2017',
        ),
    ],
    keypoint_info={
        i: dict(name=name, id=i, color=_blue, type='upper', swap='')
        for i, name in enumerate(('head_top', 'neck'), 17)
    },
    skeleton_info={19: dict(link=('head_top', 'neck'), id=11, color=_blue)},
    # published without a weight for the neck, which is read as 1
    joint_weights=[*_base_.dataset_info.joint_weights, 1.5],
    sigmas=[*_base_.dataset_info.sigmas, 0.026, 0.026],
)

del _blue
