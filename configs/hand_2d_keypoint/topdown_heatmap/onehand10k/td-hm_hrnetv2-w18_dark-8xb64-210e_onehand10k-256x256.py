_base_ = './td-hm_hrnetv2-w18_8xb64-210e_onehand10k-256x256.py'
codec = dict(_base_.codec, unbiased=True)
model = dict(head=dict(decoder=codec))
target = dict(type='GenerateTarget', encoder=codec)
train_pipeline = [*_base_.train_pipeline[:-2], target, _base_.train_pipeline[-1]]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
