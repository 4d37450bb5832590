_base_ = './td-hm_res50_8xb64-210e_coco-256x192.py'

# pooling without padding leaves 5x7 cells, which the deconvolutions double three times
codec = dict(_base_.codec, heatmap_size=(40, 56))
model = dict(
    backbone=dict(_delete_=True, type='AlexNet', num_classes=-1),
    head=dict(in_channels=256, decoder=codec),
)
train_pipeline = [
    *_base_.train_pipeline[:-2],
    dict(type='GenerateTarget', encoder=codec),
    dict(type='PackPoseInputs'),
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
