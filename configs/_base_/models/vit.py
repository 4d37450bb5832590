# ViT, to take the place of a model's backbone: `backbone=_base_.vit.base`. It puts out 384 (small),
# 768 (base), 1024 (large) or 1280 (huge) channels at stride 16. Weights: masked autoencoder.
sizes = dict(  # architecture, drop path rate
    small=(dict(embed_dims=384, num_layers=12, num_heads=12, feedforward_channels=1536), 0.1),
    base=('base', 0.3),
    large=('large', 0.5),
    huge=('huge', 0.55),
)
vit = {
    size: dict(
        _delete_=True,
        type='VisionTransformer',
        arch=arch,
        img_size=(256, 192),
        patch_size=16,
        qkv_bias=True,
        drop_path_rate=drop_path_rate,
        with_cls_token=False,
        out_type='featmap',
        patch_cfg=dict(padding=2),
        init_cfg=dict(
            type='Pretrained',
            checkpoint='https://download.openmmlab.com/mmpose/v1/pretrained_models/'
            f'mae_pretrain_vit_{size}_20230913.pth',
        ),
    )
    for size, (arch, drop_path_rate) in sizes.items()
}
del sizes
