_base_ = [
    '../../../_base_/data/coco_one-stage.py',
    '../../../_base_/models/rtmo.py',
    '../../../_base_/schedules/rtmo_600e_bs256.py',
    '../../../_base_/pipelines/rtmo_640x640.py',
]
train_dataloader = dict(batch_size=16, dataset=dict(pipeline=_base_.train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=_base_.val_pipeline))
test_dataloader = val_dataloader
default_hooks = dict(checkpoint=dict(interval=40))

# the second stage of the larger models still shifts, scales and rotates
load, resize, *rest = _base_.train_pipeline_stage2
affine = {key: value for key, value in resize.items() if not key.endswith('_prob')}
custom_hooks = [
    dict(_base_.stage2_hook, new_train_pipeline=[load, affine, *rest], num_last_epochs=20),
    *_base_.last_hooks,
]
del load, resize, rest, affine
