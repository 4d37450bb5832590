_base_ = [
    './td-hm_res50_8xb32-210e_coco-wholebody-hand-256x256.py',
    '../../../_base_/models/litehrnet-18.py',
]
model = dict(
    backbone=_base_.litehrnet_18,
    head=dict(in_channels=40, deconv_out_channels=None),
)
