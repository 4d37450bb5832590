_base_ = './td-hm_res50_8xb64-210e_coco-256x192.py'
model = dict(backbone=dict(_delete_=True, type='SEResNet', depth=152))
train_dataloader = dict(batch_size=32)
