_base_ = './td-hm_ViTPose-base_8xb64-210e_coco-256x192.py'
model = dict(backbone=_base_.vit.small, head=dict(in_channels=384))
optim_wrapper = dict(paramwise_cfg=dict(layer_decay_rate=0.8))
