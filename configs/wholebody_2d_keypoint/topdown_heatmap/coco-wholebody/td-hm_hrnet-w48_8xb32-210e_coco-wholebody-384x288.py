_base_ = ['./td-hm_res50_8xb64-210e_coco-wholebody-384x288.py', '../../../_base_/models/hrnet.py']
model = dict(backbone=_base_.hrnet_w48, head=dict(in_channels=48, deconv_out_channels=None))
train_dataloader = dict(batch_size=32)
