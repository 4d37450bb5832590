_base_ = ['./td-hm_res50_8xb64-210e_mpii-256x256.py', '../../../_base_/models/hrnet.py']
codec = dict(_base_.codec, unbiased=True)
model = dict(
    backbone=_base_.hrnet_w32,
    head=dict(in_channels=32, deconv_out_channels=None, decoder=codec),
)
target = dict(type='GenerateTarget', encoder=codec)
train_pipeline = [*_base_.train_pipeline[:-2], target, _base_.train_pipeline[-1]]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
