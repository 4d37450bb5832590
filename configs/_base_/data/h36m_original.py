# For Human3.6M: the keypoints as the authors of MotionBERT prepared them.
original_train = dict(ann_file='annotation_body3d/fps50/h36m_train_original.npz')
original_test = dict(
    ann_file='annotation_body3d/fps50/h36m_test_original.npz',
    factor_file='annotation_body3d/fps50/h36m_factors.npy',
)
