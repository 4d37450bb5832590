_base_ = './td-hm_resnest50_8xb64-210e_coco-384x288.py'
model = dict(backbone=dict(depth=200, init_cfg=dict(checkpoint='mmcls://resnest200')))
train_dataloader = dict(batch_size=16)
val_dataloader = dict(batch_size=16)
test_dataloader = val_dataloader
auto_scale_lr = dict(base_batch_size=128)
