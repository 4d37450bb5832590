_base_ = ['./simcc_res50_8xb64-210e_coco-256x192.py', '../../../_base_/models/mobilenetv2.py']
model = dict(backbone=_base_.mobilenetv2, head=dict(in_channels=1280, deconv_out_channels=None))
optim_wrapper = dict(optimizer=dict(lr=5e-4))
param_scheduler = [_base_.param_scheduler[0], dict(_base_.param_scheduler[1], begin=0, end=210)]
