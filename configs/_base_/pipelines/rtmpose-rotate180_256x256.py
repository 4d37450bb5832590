# RTMPose's pipelines with boxes turned by any angle, as hands may point anywhere, then flipped;
# nothing is cut off.
_base_ = './rtmpose_256x256.py'
train_pipeline, train_pipeline_stage2 = (
    [
        *pipeline[:2],
        dict(pipeline[4], rotate_factor=180, **scale),
        pipeline[2],
        *pipeline[5:],
    ]
    for pipeline, scale in (
        (_base_.train_pipeline, dict(scale_factor=(0.5, 1.5))),
        (_base_.train_pipeline_stage2, {}),
    )
)
stage2_hook = dict(switch_pipeline=train_pipeline_stage2)
