_base_ = ['./td-hm_2xmspn50_8xb32-210e_coco-256x192.py', '../../../_base_/models/rsn50.py']
model = dict(backbone=dict(_base_.rsn50, num_stages=2))
