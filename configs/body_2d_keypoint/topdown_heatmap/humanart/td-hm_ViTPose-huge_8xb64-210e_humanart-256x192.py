_base_ = './td-hm_ViTPose-large_8xb64-210e_humanart-256x192.py'
model = dict(
    backbone=dict(
        arch='huge',
        drop_path_rate=0.55,
        init_cfg=dict(checkpoint=_base_.weights_url + 'huge.pth'),
    ),
    head=dict(in_channels=1280),
)
optim_wrapper = dict(paramwise_cfg=dict(num_layers=32, layer_decay_rate=0.85))
