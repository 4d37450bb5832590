# RTMPose's pipelines, but nothing is cut off.
_base_ = './rtmpose_256x256.py'

train_pipeline, train_pipeline_stage2 = (
    [*pipeline[:3], *pipeline[4:]]
    for pipeline in (_base_.train_pipeline, _base_.train_pipeline_stage2)
)
stage2_hook = dict(switch_pipeline=train_pipeline_stage2)
