_base_ = ['./td-hm_res50_8xb64-210e_coco-384x288.py', '../../../_base_/models/shufflenet.py']
model = dict(backbone=_base_.shufflenet_v2, head=dict(in_channels=1024))
