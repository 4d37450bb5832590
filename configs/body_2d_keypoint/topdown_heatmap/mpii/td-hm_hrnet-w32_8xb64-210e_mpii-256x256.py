_base_ = ['./td-hm_res50_8xb64-210e_mpii-256x256.py', '../../../_base_/models/hrnet.py']
model = dict(backbone=_base_.hrnet_w32, head=dict(in_channels=32, deconv_out_channels=None))
train_dataloader = dict(batch_size=16)
val_dataloader = dict(batch_size=16)
test_dataloader = val_dataloader
