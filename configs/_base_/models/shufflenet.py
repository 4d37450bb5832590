# ShuffleNets, to take the place of a model's backbone. They put out 960 and 1024 channels.
shufflenet_v1 = dict(
    _delete_=True,
    type='ShuffleNetV1',
    groups=3,
    init_cfg=dict(type='Pretrained', checkpoint='mmcls://shufflenet_v1'),
)
shufflenet_v2 = dict(
    _delete_=True,
    type='ShuffleNetV2',
    widen_factor=1.0,
    init_cfg=dict(type='Pretrained', checkpoint='mmcls://shufflenet_v2'),
)
