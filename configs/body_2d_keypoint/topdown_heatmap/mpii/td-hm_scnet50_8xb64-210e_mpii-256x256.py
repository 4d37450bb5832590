_base_ = ['./td-hm_res50_8xb64-210e_mpii-256x256.py', '../../../_base_/models/scnet.py']
model = dict(backbone=_base_.scnet50)
