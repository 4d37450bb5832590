_base_ = './td-reg_res50_rle-8xb64-210e_coco-256x192.py'
model = dict(backbone=dict(depth=101, init_cfg=dict(checkpoint='torchvision://resnet101')))
optim_wrapper = dict(optimizer=dict(lr=5e-4))
