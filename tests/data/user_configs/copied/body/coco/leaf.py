# A copied part of the config tree, with its relative bases.
_base_ = ['../../_base_/default_runtime.py', '../../_base_/model.py']
model = dict(
    backbone=dict(_delete_=True, type='ResNet', depth=18),
    head=dict(
        type='RegressionHead',
        in_channels=512,
        num_joints=17,
        loss=dict(type='SmoothL1Loss', use_target_weight=True),
        decoder=dict(type='RegressionLabel', input_size=(192, 256)),
    ),
    neck=dict(type='GlobalAveragePooling'),
)
