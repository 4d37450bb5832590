_base_ = './td-reg_res50_8xb64-210e_mpii-256x256.py'
model = dict(backbone=dict(depth=152, init_cfg=dict(checkpoint='torchvision://resnet152')))
load = dict(type='LoadImage', file_client_args=dict(backend='disk'))
train_dataloader = dict(dataset=dict(pipeline=[load, *_base_.train_pipeline[1:]]))
val_dataloader = dict(dataset=dict(pipeline=[load, *_base_.val_pipeline[1:]]))
test_dataloader = val_dataloader
