_base_ = './td-hm_ViTPose-base_8xb64-210e_humanart-256x192.py'
model = dict(
    backbone=dict(
        _delete_=True,
        type='mmcls.VisionTransformer',
        arch='large',
        img_size=(256, 192),
        patch_size=16,
        qkv_bias=True,
        drop_path_rate=0.5,
        with_cls_token=False,
        output_cls_token=False,
        patch_cfg=dict(padding=2),
        init_cfg=dict(type='Pretrained', checkpoint=_base_.weights_url + 'large.pth'),
    ),
    head=dict(in_channels=1024),
)
optim_wrapper = dict(paramwise_cfg=dict(num_layers=24, layer_decay_rate=0.8))
