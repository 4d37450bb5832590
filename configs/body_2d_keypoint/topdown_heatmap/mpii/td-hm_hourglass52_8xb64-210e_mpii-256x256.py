_base_ = './td-hm_res50_8xb64-210e_mpii-256x256.py'
model = dict(
    backbone=dict(_delete_=True, type='HourglassNet', num_stacks=1),
    head=dict(type='CPMHead', in_channels=256, num_stages=1, deconv_out_channels=None),
)
