# Human3.6M at 50 frames a second, its keypoints alone: to be lifted from 2D to 3D.
_base_ = './h36m_lifting-test.py'

train_dataloader = dict(
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        type=_base_.dataset_type,
        data_root=_base_.data_root,
        ann_file='annotation_body3d/fps50/h36m_train.npz',
        data_prefix=dict(img='images/'),
    ),
)
