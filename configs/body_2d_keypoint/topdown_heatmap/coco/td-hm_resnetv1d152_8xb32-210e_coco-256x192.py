_base_ = './td-hm_resnetv1d50_8xb64-210e_coco-256x192.py'
model = dict(backbone=dict(depth=152, init_cfg=dict(checkpoint='mmcls://resnet152_v1d')))
train_dataloader = dict(batch_size=32)
