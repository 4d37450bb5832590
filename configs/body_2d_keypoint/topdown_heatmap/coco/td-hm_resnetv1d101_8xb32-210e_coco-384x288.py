_base_ = './td-hm_resnetv1d50_8xb64-210e_coco-384x288.py'
model = dict(backbone=dict(depth=101, init_cfg=dict(checkpoint='mmcls://resnet101_v1d')))
train_dataloader = dict(batch_size=32)
auto_scale_lr = dict(base_batch_size=256)
