# CSPNeXt in five sizes, to take the place of a model's backbone: `backbone=_base_.cspnext.m`.
# It puts out 1024 channels times the width at stride 32. ImageNet weights; there are none for x.
weights = 'https://download.openmmlab.com/mmdetection/v3.0/rtmdet/cspnext_rsb_pretrain/cspnext-'
sizes = dict(  # depth, width, weights
    tiny=(0.167, 0.375, weights + 'tiny_imagenet_600e-3a2dd350.pth'),
    s=(0.33, 0.5, weights + 's_imagenet_600e-ea671761.pth'),
    m=(0.67, 0.75, weights + 'm_8xb256-rsb-a1-600e_in1k-ecb3bbd9.pth'),
    l=(1.0, 1.0, weights + 'l_8xb256-rsb-a1-600e_in1k-6a760974.pth'),
    x=(1.33, 1.25, None),
)
cspnext = {
    size: dict(
        _delete_=True,
        type='CSPNeXt',
        arch='P5',
        expand_ratio=0.5,
        deepen_factor=depth,
        widen_factor=width,
        out_indices=(4,),
        channel_attention=True,
        norm_cfg=dict(type='SyncBN'),
        act_cfg=dict(type='SiLU'),
        init_cfg=dict(type='Pretrained', prefix='backbone.', checkpoint=checkpoint),
    )
    for size, (depth, width, checkpoint) in sizes.items()
}
del weights, sizes
