# Top-down heatmaps: one hourglass, whose features are the heatmaps' but for one convolution.
_base_ = './td-hm_res50.py'

model = dict(
    backbone=dict(_delete_=True, type='HourglassNet', num_stacks=1),
    head=dict(type='CPMHead', in_channels=256, num_stages=1, deconv_out_channels=None),
)
