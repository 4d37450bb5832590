_base_ = './rtmpose-l_8xb512-700e_body8-halpe26-256x192.py'
model = _base_.rtmpose.rtmpose_body7_256x192.s
optim_wrapper = dict(optimizer=dict(weight_decay=0.0))

# smaller ranges are enough for small models
box = dict(scale_factor=(0.6, 1.4), rotate_factor=80)
train_pipeline, train_pipeline_stage2 = (
    [dict(step, **box) if step['type'] == 'RandomBBoxTransform' else step for step in pipeline]
    for pipeline in (_base_.train_pipeline, _base_.train_pipeline_stage2)
)
train_dataloader = dict(batch_size=1024, num_workers=10, dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(num_workers=10)
test_dataloader = val_dataloader
stage2_hook = dict(_base_.custom_hooks[1], switch_pipeline=train_pipeline_stage2)
custom_hooks = [_base_.ema_hook, stage2_hook]
