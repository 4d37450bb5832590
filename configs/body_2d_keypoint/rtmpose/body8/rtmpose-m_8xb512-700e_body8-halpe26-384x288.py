_base_ = './rtmpose-l_8xb512-700e_body8-halpe26-384x288.py'
model = _base_.rtmpose.rtmpose_body7_384x288.m

# images come from a Petrel store
backend_args = dict(backend='petrel', path_mapping={'data/': 's3://openmmlab/datasets/'})
train_pipeline, train_pipeline_stage2, val_pipeline = (
    [dict(type='LoadImage', backend_args=backend_args), *pipeline[1:]]
    for pipeline in (_base_.train_pipeline, _base_.train_pipeline_stage2, _base_.val_pipeline)
)
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=val_pipeline))
test_dataloader = val_dataloader
stage2_hook = dict(_base_.custom_hooks[1], switch_pipeline=train_pipeline_stage2)
custom_hooks = [_base_.ema_hook, stage2_hook]
