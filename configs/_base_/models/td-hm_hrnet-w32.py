# Top-down heatmaps: HRNet-W32 and one convolution. The leaf adds the head's decoder.
_base_ = ['./td-hm_res50.py', './hrnet.py']

model = dict(backbone=_base_.hrnet_w32, head=dict(in_channels=32, deconv_out_channels=None))
