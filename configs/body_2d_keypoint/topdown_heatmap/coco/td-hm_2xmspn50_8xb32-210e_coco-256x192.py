_base_ = './td-hm_mspn50_8xb32-210e_coco-256x192.py'

# every stage but the last learns wider peaks
codec = [dict(_base_.codec[0], kernel_size=15), *_base_.codec]
train_pipeline = [
    *_base_.train_pipeline[:-2],
    dict(type='GenerateTarget', multilevel=True, encoder=codec),
    dict(type='PackPoseInputs'),
]

model = dict(
    backbone=dict(num_stages=2),
    head=dict(
        num_stages=2,
        level_indices=[0, 1, 2, 3, 1, 2, 3, 4],
        loss=_base_.model.head.loss * 2,
    ),
)
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
