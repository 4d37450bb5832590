_base_ = './td-hm_res50_8xb64-210e_coco-256x192.py'
model = dict(backbone=dict(type='SEResNet', init_cfg=dict(checkpoint='mmcls://se-resnet50')))
