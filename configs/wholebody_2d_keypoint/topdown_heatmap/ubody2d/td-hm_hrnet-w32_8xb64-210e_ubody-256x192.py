_base_ = [
    '../../../_base_/data/coco-ubody_topdown.py',
    '../../../_base_/models/td-hm_hrnet-w32.py',
    '../../../_base_/schedules/adam_210e_bs512.py',
    '../../../_base_/pipelines/td-hm_256x192.py',
]
model = dict(head=dict(out_channels=133, decoder=_base_.codec))
train_dataloader = dict(dataset=dict(pipeline=_base_.train_pipeline))
val_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type=_base_.dataset_type,
        ann_file='data/coco/annotations/coco_wholebody_val_v1.0.json',
        bbox_file=_base_.val_dataloader.dataset.bbox_file,
        data_prefix=dict(img='data/coco/val2017/'),
        test_mode=True,
        pipeline=_base_.val_pipeline,
    ),
)
test_dataloader = val_dataloader
