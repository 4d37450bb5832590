_base_ = ['./td-hm_res50_8xb64-210e_coco-wholebody-384x288.py', '../../../_base_/models/hrnet.py']
model = dict(backbone=_base_.hrnet_w32, head=dict(in_channels=32, deconv_out_channels=None))
