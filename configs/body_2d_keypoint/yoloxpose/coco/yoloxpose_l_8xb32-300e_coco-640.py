_base_ = [
    '../../../_base_/data/coco_one-stage.py',
    '../../../_base_/models/yoloxpose.py',
    '../../../_base_/schedules/yoloxpose_300e_bs256.py',
    '../../../_base_/pipelines/yoloxpose_640x640.py',
]
train_dataloader = dict(
    dataset=dict(
        filter_cfg=dict(filter_empty_gt=False, min_size=32),
        pipeline=_base_.train_pipeline,
    ),
)
val_dataloader = dict(dataset=dict(pipeline=_base_.val_pipeline))
test_dataloader = val_dataloader
custom_hooks = [dict(_base_.stage2_hook, num_last_epochs=20), *_base_.last_hooks]
