_base_ = './td-reg_res50_rle-8xb64-210e_coco-256x192.py'
weights = (
    'https://download.openmmlab.com/mmpose/pretrain_models/td-hm_res50_8xb64-210e_coco-256x192.pth'
)
model = dict(backbone=dict(init_cfg=dict(prefix='backbone.', checkpoint=weights)))
