_base_ = './td-hm_resnext50_8xb64-210e_coco-384x288.py'
model = dict(backbone=dict(depth=152, init_cfg=dict(checkpoint='mmcls://resnext152_32x4d')))
train_dataloader = dict(batch_size=48)
auto_scale_lr = dict(base_batch_size=384)
