_base_ = './td-hm_resnext50_8xb64-210e_coco-256x192.py'
model = dict(backbone=dict(depth=152, init_cfg=dict(checkpoint='mmcls://resnext152_32x4d')))
train_dataloader = dict(batch_size=32)
