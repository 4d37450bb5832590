# Spellings of the releases before 1.0, which 1.x accepts.
_base_ = ['./flat_leaf.py', 'mmpose::_base_/datasets/coco.py']

data_preprocessor = dict(type='PoseDataPreprocessor', mean=[0.0], std=[255.0], bgr_to_rgb=False)
model = dict(
    _delete_=True,
    type='TopdownPoseEstimator',
    backbone=dict(_base_.model.backbone, out_indices=(1, 2, 3)),
    head=dict(
        _base_.model.head,
        in_channels=[16, 32, 64],
        input_transform='select',
        input_index=-1,
        align_corners=False,
    ),
)
file_client_args = dict(backend='disk')
train_pipeline = [
    dict(type='LoadImage', file_client_args=file_client_args),
    dict(type='GetBBoxCenterScale'),
    dict(type='TopdownAffine', input_size=(64, 64)),
    dict(type='GenerateTarget', target_type='heatmap', encoder=_base_.codec),
    dict(type='PackPoseInputs'),
]
train_dataloader = dict(dataset=dict(metainfo=_base_.dataset_info, pipeline=train_pipeline))
train_cfg = dict(by_epoch=True, max_epochs=1)
val_evaluator = [
    dict(type='CocoMetric', ann_file=_base_.val_evaluator.ann_file),
    dict(type='PCKAccuracy', thr=0.2),
]
test_evaluator = val_evaluator
visualizer = dict(vis_backends=[dict(type='LocalVisBackend')])
