_base_ = './td-hm_res50_8xb64-210e_ap10k-256x256.py'
model = dict(backbone=dict(depth=101, init_cfg=dict(checkpoint='torchvision://resnet101')))
