# Top-down heatmaps: CSPNeXt-m with three deconvolutions. The leaf adds the head's decoder.
_base_ = ['./td-hm_res50.py', './cspnext.py']

model = dict(
    backbone=_base_.cspnext.m,
    head=dict(in_channels=768),
    test_cfg=dict(shift_heatmap=False),
)
