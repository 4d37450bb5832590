_base_ = './td-hm_ViTPose-base_8xb64-210e_coco-256x192.py'
model = dict(backbone=_base_.vit.huge, head=dict(in_channels=1280))
optim_wrapper = dict(paramwise_cfg=dict(num_layers=32, layer_decay_rate=0.85))
