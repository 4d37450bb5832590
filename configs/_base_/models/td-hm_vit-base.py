# Top-down heatmaps: ViT-base with two deconvolutions. The leaf adds the head's decoder.
_base_ = ['./td-hm_res50.py', './vit.py']

model = dict(
    backbone=_base_.vit.base,
    head=dict(in_channels=768, deconv_out_channels=(256, 256), deconv_kernel_sizes=(4, 4)),
    test_cfg=dict(shift_heatmap=False),
)
