# UDP heatmaps with the augmentation of RTMPose; images are cropped without UDP.
_base_ = './rtmpose_256x256.py'
udp = dict(type='UDPHeatmap', input_size=(256, 256), heatmap_size=(64, 64), sigma=2)
codec = dict(udp, _delete_=True)
train_pipeline, train_pipeline_stage2 = (
    [*pipeline[:-2], dict(type='GenerateTarget', encoder=udp), dict(type='PackPoseInputs')]
    for pipeline in (_base_.train_pipeline, _base_.train_pipeline_stage2)
)
stage2_hook = dict(switch_pipeline=train_pipeline_stage2)
del udp
