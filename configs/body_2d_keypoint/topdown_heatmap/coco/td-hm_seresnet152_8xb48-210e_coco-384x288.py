_base_ = './td-hm_res50_8xb64-210e_coco-384x288.py'
model = dict(backbone=dict(_delete_=True, type='SEResNet', depth=152))
train_dataloader = dict(batch_size=48)
auto_scale_lr = dict(base_batch_size=384)
