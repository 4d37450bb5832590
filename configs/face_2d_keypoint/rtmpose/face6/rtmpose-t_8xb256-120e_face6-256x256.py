_base_ = './rtmpose-m_8xb256-120e_face6-256x256.py'
model = dict(backbone=_base_.cspnext.tiny, head=dict(in_channels=384))
optim_wrapper = dict(optimizer=dict(weight_decay=0.0))

# smaller ranges in the second stage; no moving average of the weights
train_pipeline_stage2 = [
    dict(step, scale_factor=(0.75, 1.25), rotate_factor=60)
    if step['type'] == 'RandomBBoxTransform'
    else step
    for step in _base_.train_pipeline_stage2
]
custom_hooks = [dict(_base_.custom_hooks[1], switch_pipeline=train_pipeline_stage2)]
