# For Human3.6M: 2D keypoints as found by CPN, which was fine-tuned there, not the true ones.
cpn_train, cpn_test = (
    dict(
        keypoint_2d_src='detection',
        keypoint_2d_det_file=f'joint_2d_det_files/cpn_ft_h36m_dbb_{split}.npy',
    )
    for split in ('train', 'test')
)
