_base_ = ['./td-hm_res50_8xb32-210e_onehand10k-256x256.py', '../../../_base_/models/mobilenetv2.py']
model = dict(backbone=_base_.mobilenetv2, head=dict(in_channels=1280))
train_dataloader = dict(batch_size=64)
