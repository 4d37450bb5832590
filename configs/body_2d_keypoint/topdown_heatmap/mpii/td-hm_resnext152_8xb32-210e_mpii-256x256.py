_base_ = './td-hm_res50_8xb64-210e_mpii-256x256.py'
model = dict(
    backbone=dict(type='ResNeXt', depth=152, init_cfg=dict(checkpoint='mmcls://resnext152_32x4d')),
)
train_dataloader = dict(batch_size=32)
auto_scale_lr = dict(base_batch_size=256)
