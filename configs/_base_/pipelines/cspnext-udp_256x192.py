# UDP heatmaps with the augmentation of RTMPose.
_base_ = './rtmpose_256x192.py'
udp = dict(type='UDPHeatmap', input_size=(192, 256), heatmap_size=(48, 64), sigma=2)
codec = dict(udp, _delete_=True)
changed = dict(TopdownAffine=dict(use_udp=True), GenerateTarget=dict(encoder=udp))
train_pipeline, train_pipeline_stage2, val_pipeline = (
    [dict(step, **changed.get(step['type'], {})) for step in pipeline]
    for pipeline in (_base_.train_pipeline, _base_.train_pipeline_stage2, _base_.val_pipeline)
)
stage2_hook = dict(switch_pipeline=train_pipeline_stage2)
del udp, changed
