# Human3.6M at 50 frames a second, its keypoints alone: to be lifted from 2D to 3D. For tests.
_base_ = '../runtime.py'

dataset_type = 'Human36mDataset'
data_root = 'data/h36m/'

val_dataloader = dict(
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False, round_up=False),
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='annotation_body3d/fps50/h36m_test.npz',
        data_prefix=dict(img='images/'),
    ),
)
test_dataloader = val_dataloader

val_evaluator = [dict(type='MPJPE', mode='mpjpe'), dict(type='MPJPE', mode='p-mpjpe')]
test_evaluator = val_evaluator

default_hooks = dict(
    logger=dict(interval=20),
    checkpoint=dict(save_best='MPJPE', rule='less', max_keep_ckpts=1),
)
visualizer = dict(type='Pose3dLocalVisualizer')
