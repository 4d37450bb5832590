_base_ = './td-hm_ViTPose-base_8xb64-210e_humanart-256x192.py'
weights = dict(type='Pretrained', checkpoint=_base_.weights_url + 'small.pth')
model = dict(backbone=dict(_base_.vit.small, init_cfg=weights), head=dict(in_channels=384))
optim_wrapper = dict(paramwise_cfg=dict(layer_decay_rate=0.8))
