# InterHand2.6M in 3D by instance, one hand or both: validated on machine annotations.
_base_ = '../runtime.py'

dataset_type = 'InterHand3DDataset'
data_mode = 'topdown'
data_root = 'data/interhand2.6m/'

train_set, val_set, test_set = (
    dict(
        type=dataset_type,
        data_root=data_root,
        data_mode=data_mode,
        ann_file=f'annotations/{folder}/InterHand2.6M_{split}_data.json',
        camera_param_file=f'annotations/{folder}/InterHand2.6M_{split}_camera.json',
        joint_file=f'annotations/{folder}/InterHand2.6M_{split}_joint_3d.json',
        use_gt_root_depth=True,
        rootnet_result_file=None,
        data_prefix=dict(img=f'images/{split}/'),
    )
    for folder, split in (('all', 'train'), ('machine_annot', 'val'), ('all', 'test'))
)

train_dataloader = dict(
    batch_size=16,
    num_workers=1,
    persistent_workers=True,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=train_set,
)
val_dataloader = dict(
    batch_size=16,
    num_workers=1,
    persistent_workers=True,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle=False, round_up=False),
    dataset=dict(val_set, test_mode=True),
)
test_dataloader = dict(val_dataloader, dataset=dict(test_set, test_mode=True))

val_evaluator = [dict(type='InterHandMetric', modes=['MPJPE', 'MRRPE', 'HandednessAcc'])]
test_evaluator = val_evaluator

default_hooks = dict(
    logger=dict(interval=20),
    checkpoint=dict(interval=1, save_best='MPJPE_all', rule='less', max_keep_ckpts=1),
)
visualizer = dict(type='Pose3dLocalVisualizer')
del train_set, val_set, test_set
