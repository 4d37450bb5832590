_base_ = [
    './td-hm_res50_8xb32-60e_coco-wholebody-face-256x256.py',
    '../../../_base_/models/mobilenetv2.py',
]
model = dict(backbone=_base_.mobilenetv2, head=dict(in_channels=1280))
