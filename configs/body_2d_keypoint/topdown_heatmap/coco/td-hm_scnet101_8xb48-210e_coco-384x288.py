_base_ = ['./td-hm_res50_8xb64-210e_coco-384x288.py', '../../../_base_/models/scnet.py']
model = dict(backbone=_base_.scnet101)
train_dataloader = dict(batch_size=48)
