_base_ = './td-hm_resnest50_8xb64-210e_coco-256x192.py'
model = dict(backbone=dict(depth=269, init_cfg=dict(checkpoint='mmcls://resnest269')))
train_dataloader = dict(batch_size=32)
