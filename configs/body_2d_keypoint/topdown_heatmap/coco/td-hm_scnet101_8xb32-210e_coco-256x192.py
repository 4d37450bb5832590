_base_ = ['./td-hm_res50_8xb64-210e_coco-256x192.py', '../../../_base_/models/scnet.py']
model = dict(backbone=_base_.scnet101)
train_dataloader = dict(batch_size=32, num_workers=1)
val_dataloader = dict(num_workers=1)
test_dataloader = val_dataloader
