_base_ = ['./td-hm_res50_8xb64-210e_coco-256x192.py', '../../../_base_/models/swin.py']
model = dict(backbone=_base_.swin.tiny, head=dict(in_channels=768))
train_dataloader = dict(batch_size=32)
auto_scale_lr = dict(base_batch_size=256)
