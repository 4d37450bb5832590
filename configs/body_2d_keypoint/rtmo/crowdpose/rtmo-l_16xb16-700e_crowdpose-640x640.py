_base_ = [
    '../../../_base_/data/crowdpose_one-stage.py',
    '../../../_base_/models/rtmo.py',
    '../../../_base_/schedules/rtmo_700e_bs256.py',
    '../../../_base_/pipelines/rtmo_640x640.py',
]
metainfo = 'configs/_base_/datasets/crowdpose.py'
model = dict(
    head=dict(
        num_keypoints=14,
        assigner=dict(oks_calculator=dict(metainfo=metainfo)),
        loss_oks=dict(metainfo=metainfo),
        loss_mle=dict(loss_weight=1e-3),
    ),
)

wider = dict(
    BottomupRandomAffine=dict(shift_factor=0.2, rotate_factor=30, scale_factor=(0.5, 1.5)),
    YOLOXMixUp=dict(ratio_range=(0.6, 1.6)),
)
wide_train_pipeline = [dict(step, **wider.get(step['type'], {})) for step in _base_.train_pipeline]
train_dataloader = dict(batch_size=16, dataset=dict(pipeline=wide_train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=_base_.val_pipeline))
test_dataloader = val_dataloader
default_hooks = dict(checkpoint=dict(interval=50))
custom_hooks = [dict(_base_.stage2_hook, num_last_epochs=30), *_base_.last_hooks]
