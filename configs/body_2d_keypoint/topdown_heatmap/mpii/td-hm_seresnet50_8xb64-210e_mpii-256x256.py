_base_ = './td-hm_res50_8xb64-210e_mpii-256x256.py'
model = dict(backbone=dict(type='SEResNet', init_cfg=dict(checkpoint='mmcls://se-resnet50')))
