_base_ = ['./td-hm_res50_8xb64-210e_coco-384x288.py', '../../../_base_/models/swin.py']

codec = dict(_base_.codec, sigma=2)
model = dict(
    backbone=dict(
        _base_.swin.base,
        window_size=12,
        init_cfg=dict(
            type='Pretrained',
            checkpoint='https://github.com/SwinTransformer/storage/releases/download/v1.0.0/'
            'swin_base_patch4_window12_384_22k.pth',
        ),
    ),
    head=dict(in_channels=1024, decoder=codec),
)
target = dict(type='GenerateTarget', encoder=codec)
train_pipeline = [*_base_.train_pipeline[:-2], target, _base_.train_pipeline[-1]]
train_dataloader = dict(batch_size=32, dataset=dict(pipeline=train_pipeline))
auto_scale_lr = dict(base_batch_size=256)
