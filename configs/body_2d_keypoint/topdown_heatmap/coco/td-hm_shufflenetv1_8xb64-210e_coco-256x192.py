_base_ = ['./td-hm_res50_8xb64-210e_coco-256x192.py', '../../../_base_/models/shufflenet.py']
model = dict(backbone=_base_.shufflenet_v1, head=dict(in_channels=960))
