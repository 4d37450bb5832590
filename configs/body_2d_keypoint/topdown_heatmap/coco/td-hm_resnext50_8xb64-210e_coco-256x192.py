_base_ = './td-hm_res50_8xb64-210e_coco-256x192.py'
model = dict(backbone=dict(type='ResNeXt', init_cfg=dict(checkpoint='mmcls://resnext50_32x4d')))
