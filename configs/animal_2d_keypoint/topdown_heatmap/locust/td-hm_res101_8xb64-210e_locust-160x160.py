_base_ = './td-hm_res50_8xb64-210e_locust-160x160.py'
model = dict(backbone=dict(depth=101, init_cfg=dict(checkpoint='torchvision://resnet101')))
