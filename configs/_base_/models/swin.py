# Swin transformer, to take the place of a model's backbone: `backbone=_base_.swin.tiny`.
# It puts out 768 (tiny), 1024 (base) or 1536 (large) channels at stride 32.
weights = 'https://github.com/SwinTransformer/storage/releases/download/v1.0.0/'
sizes = dict(  # channels and heads of stage 1, depth of stage 3, drop path rate, weights
    tiny=(96, 3, 6, 0.2, 'swin_tiny_patch4_window7_224.pth'),
    base=(128, 4, 18, 0.3, 'swin_base_patch4_window7_224_22k.pth'),
    large=(192, 6, 18, 0.5, 'swin_base_patch4_window7_224_22k.pth'),
)
swin = {
    size: dict(
        _delete_=True,
        type='SwinTransformer',
        embed_dims=channels,
        depths=(2, 2, depth, 2),
        num_heads=[heads * 2**i for i in range(4)],
        window_size=7,
        mlp_ratio=4,
        qkv_bias=True,
        qk_scale=None,
        drop_rate=0.0,
        attn_drop_rate=0.0,
        drop_path_rate=drop_path_rate,
        patch_norm=True,
        out_indices=(3,),
        with_cp=False,
        convert_weights=True,
        init_cfg=dict(type='Pretrained', checkpoint=weights + file),
    )
    for size, (channels, heads, depth, drop_path_rate, file) in sizes.items()
}
del weights, sizes
