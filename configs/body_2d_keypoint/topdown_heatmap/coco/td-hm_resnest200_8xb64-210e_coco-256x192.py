_base_ = './td-hm_resnest50_8xb64-210e_coco-256x192.py'
model = dict(backbone=dict(depth=200, init_cfg=dict(checkpoint='mmcls://resnest200')))
