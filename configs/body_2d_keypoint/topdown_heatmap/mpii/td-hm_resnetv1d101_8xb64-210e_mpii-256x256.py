_base_ = './td-hm_resnetv1d50_8xb64-210e_mpii-256x256.py'
model = dict(backbone=dict(depth=101, init_cfg=dict(checkpoint='mmcls://resnet101_v1d')))
