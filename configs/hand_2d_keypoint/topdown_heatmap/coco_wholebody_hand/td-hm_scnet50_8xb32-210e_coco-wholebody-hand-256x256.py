_base_ = [
    './td-hm_res50_8xb32-210e_coco-wholebody-hand-256x256.py',
    '../../../_base_/models/scnet.py',
]
model = dict(backbone=_base_.scnet50)
