# COCO 2017 by image, with classes by their full names, so that no default scope is needed.
_base_ = './coco_bottomup.py'

default_scope = None

dataset_type = 'mmpose.datasets.CocoDataset'
sampler_type = 'mmengine.dataset.DefaultSampler'
train_dataloader = dict(sampler=dict(type=sampler_type), dataset=dict(type=dataset_type))
val_dataloader = dict(sampler=dict(type=sampler_type), dataset=dict(type=dataset_type))
test_dataloader = val_dataloader

val_evaluator = dict(
    _delete_=True,
    type='mmpose.evaluation.CocoMetric',
    nms_mode='none',
    score_mode='keypoint',
)
test_evaluator = val_evaluator

hooks = 'mmengine.hooks.'
default_hooks = dict(
    _delete_=True,
    timer=dict(type=hooks + 'IterTimerHook'),
    logger=dict(type=hooks + 'LoggerHook', interval=50),
    param_scheduler=dict(type=hooks + 'ParamSchedulerHook'),
    checkpoint=dict(
        type=hooks + 'CheckpointHook', interval=10, save_best='coco/AP', rule='greater'
    ),
    sampler_seed=dict(type=hooks + 'DistSamplerSeedHook'),
    visualization=dict(type='mmpose.engine.hooks.PoseVisualizationHook', enable=False),
)
custom_hooks = [dict(type=hooks + 'SyncBuffersHook')]

vis_backends = [dict(type='mmengine.visualization.LocalVisBackend')]
visualizer = dict(type='mmpose.visualization.PoseLocalVisualizer', vis_backends=vis_backends)
log_processor = dict(type='mmengine.runner.LogProcessor')
del hooks, sampler_type
