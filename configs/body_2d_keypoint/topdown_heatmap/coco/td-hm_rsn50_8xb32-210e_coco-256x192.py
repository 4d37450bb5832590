_base_ = ['./td-hm_mspn50_8xb32-210e_coco-256x192.py', '../../../_base_/models/rsn50.py']
model = dict(backbone=_base_.rsn50)
