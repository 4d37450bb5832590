_base_ = [
    './td-reg_res50_rle-8xb64-210e_coco-256x192.py',
    '../../../_base_/models/mobilenetv2.py',
]
weights = dict(
    type='Pretrained',
    prefix='backbone.',
    checkpoint='https://download.openmmlab.com/mmpose/top_down/mobilenetv2/'
    'mobilenetv2_coco_256x192-d1e58e7b_20200727.pth',
)
model = dict(backbone=dict(_base_.mobilenetv2, init_cfg=weights), head=dict(in_channels=1280))
