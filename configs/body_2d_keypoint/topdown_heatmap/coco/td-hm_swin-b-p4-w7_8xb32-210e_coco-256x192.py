_base_ = './td-hm_swin-t-p4-w7_8xb32-210e_coco-256x192.py'
model = dict(backbone=_base_.swin.base, head=dict(in_channels=1024))
