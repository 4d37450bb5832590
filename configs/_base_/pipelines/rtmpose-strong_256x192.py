# RTMPose's pipelines with wider ranges for the boxes in both stages.
_base_ = './rtmpose_256x192.py'
train_pipeline, train_pipeline_stage2 = (
    [
        dict(step, scale_factor=(0.5, 1.5), rotate_factor=90)
        if step['type'] == 'RandomBBoxTransform'
        else step
        for step in pipeline
    ]
    for pipeline in (_base_.train_pipeline, _base_.train_pipeline_stage2)
)
stage2_hook = dict(switch_pipeline=train_pipeline_stage2)
