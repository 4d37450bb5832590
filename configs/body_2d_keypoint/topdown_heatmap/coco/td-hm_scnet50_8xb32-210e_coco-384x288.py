_base_ = ['./td-hm_res50_8xb64-210e_coco-384x288.py', '../../../_base_/models/scnet.py']
model = dict(backbone=_base_.scnet50)
train_dataloader = dict(batch_size=32, num_workers=1)
val_dataloader = dict(num_workers=1)
test_dataloader = val_dataloader
auto_scale_lr = dict(base_batch_size=256)
