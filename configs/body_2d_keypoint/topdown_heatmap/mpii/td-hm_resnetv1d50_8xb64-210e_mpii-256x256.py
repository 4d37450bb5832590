_base_ = './td-hm_res50_8xb64-210e_mpii-256x256.py'
model = dict(backbone=dict(type='ResNetV1d', init_cfg=dict(checkpoint='mmcls://resnet50_v1d')))
