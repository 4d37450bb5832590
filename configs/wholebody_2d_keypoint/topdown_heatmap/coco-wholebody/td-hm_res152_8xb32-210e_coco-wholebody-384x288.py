_base_ = './td-hm_res50_8xb64-210e_coco-wholebody-384x288.py'
model = dict(backbone=dict(depth=152, init_cfg=dict(checkpoint='torchvision://resnet152')))
train_dataloader = dict(batch_size=32)
