_base_ = './coco_wholebody_openpose.py'

# the body of COCO-WholeBody in OpenPose's order
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
        '_delete_': True,
        **{i: kpt for i, kpt in _base_.dataset_info.keypoint_info.items() if i < 18},
    },
    skeleton_info={
        '_delete_': True,
        **{i: link for i, link in _base_.dataset_info.skeleton_info.items() if i < 17},
    },
    joint_weights=[1.0] * 18,
    # published so: roughly in COCO's order, not in that of the keypoints
    sigmas=[
        *(0.026, 0.025, 0.025, 0.035, 0.035, 0.079, 0.079, 0.072, 0.072),
        *(0.062, 0.062, 0.107, 0.107, 0.087, 0.087, 0.089, 0.089, 0.082),
    ],
)
