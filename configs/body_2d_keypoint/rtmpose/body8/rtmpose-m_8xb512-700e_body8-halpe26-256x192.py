_base_ = './rtmpose-l_8xb512-700e_body8-halpe26-256x192.py'
model = _base_.rtmpose.rtmpose_body7_256x192.m

# every keypoint weighs the same
target = dict(type='GenerateTarget', encoder=_base_.codec)
train_pipeline, train_pipeline_stage2 = (
    [*pipeline[:-2], target, pipeline[-1]]
    for pipeline in (_base_.train_pipeline, _base_.train_pipeline_stage2)
)
train_dataloader = dict(num_workers=10, dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(num_workers=10)
test_dataloader = val_dataloader
stage2_hook = dict(_base_.custom_hooks[1], switch_pipeline=train_pipeline_stage2)
custom_hooks = [_base_.ema_hook, stage2_hook]
