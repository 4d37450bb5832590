# MobileNetV2, to take the place of a model's backbone. It puts out 1280 channels.
mobilenetv2 = dict(
    _delete_=True,
    type='MobileNetV2',
    widen_factor=1.0,
    out_indices=(7,),
    init_cfg=dict(type='Pretrained', checkpoint='mmcls://mobilenet_v2'),
)
