_base_ = './td-hm_res50_dark-8xb64-210e_coco-384x288.py'

# the blur that DARK takes for sigma 3; the lighter ResNets were trained with that for sigma 2
codec = dict(_base_.codec, blur_kernel_size=17)
train_pipeline = [
    *_base_.train_pipeline[:-2],
    dict(type='GenerateTarget', encoder=codec),
    dict(type='PackPoseInputs'),
]

model = dict(
    backbone=dict(depth=152, init_cfg=dict(checkpoint='torchvision://resnet152')),
    head=dict(decoder=codec),
)
train_dataloader = dict(batch_size=32, dataset=dict(pipeline=train_pipeline))
auto_scale_lr = dict(base_batch_size=256)
