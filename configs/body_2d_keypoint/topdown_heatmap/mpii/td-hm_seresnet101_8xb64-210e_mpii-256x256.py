_base_ = './td-hm_seresnet50_8xb64-210e_mpii-256x256.py'
model = dict(backbone=dict(depth=101, init_cfg=dict(checkpoint='mmcls://se-resnet101')))
