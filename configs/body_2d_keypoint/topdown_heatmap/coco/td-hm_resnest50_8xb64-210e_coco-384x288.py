_base_ = './td-hm_res50_8xb64-210e_coco-384x288.py'
model = dict(backbone=dict(type='ResNeSt', init_cfg=dict(checkpoint='mmcls://resnest50')))
