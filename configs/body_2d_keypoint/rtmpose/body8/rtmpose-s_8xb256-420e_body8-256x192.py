_base_ = './rtmpose-m_8xb256-420e_body8-256x192.py'
model = _base_.rtmpose.body7_256x192.s
optim_wrapper = dict(optimizer=dict(weight_decay=0.0))

# the ranges of a single data set are enough for small models
train_pipeline, train_pipeline_stage2 = (
    [dict(step, **box) if step['type'] == 'RandomBBoxTransform' else step for step in pipeline]
    for pipeline, box in (
        (_base_.train_pipeline, dict(scale_factor=(0.6, 1.4), rotate_factor=80)),
        (_base_.train_pipeline_stage2, dict(scale_factor=(0.75, 1.25), rotate_factor=60)),
    )
)
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
stage2_hook = dict(_base_.custom_hooks[1], switch_pipeline=train_pipeline_stage2)
custom_hooks = [_base_.ema_hook, stage2_hook]
