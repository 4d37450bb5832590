# A backbone of MMPretrain, as the ViTPose configs of 1.x name it.
_base_ = './flat_leaf.py'
custom_imports = dict(imports=['mmpretrain.models'], allow_failed_imports=False)

model = dict(
    backbone=dict(
        _delete_=True,
        type='mmpretrain.VisionTransformer',
        arch=dict(embed_dims=32, num_layers=1, num_heads=2, feedforward_channels=64),
        img_size=(64, 64),
        patch_size=16,
        qkv_bias=True,
        drop_path_rate=0.1,
        with_cls_token=False,
        out_type='featmap',
        patch_cfg=dict(padding=2),
    ),
    head=dict(in_channels=32, deconv_out_channels=(8, 8), deconv_kernel_sizes=(4, 4)),
)
