_base_ = [
    '../../../_base_/data/coco_topdown.py',
    '../../../_base_/models/td-hm_vipnas-res50.py',
    '../../../_base_/schedules/adam_210e_bs512.py',
    '../../../_base_/pipelines/td-hm-mild_256x192.py',
]
model = dict(head=dict(decoder=_base_.codec))
train_dataloader = dict(dataset=dict(pipeline=_base_.train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=_base_.val_pipeline))
test_dataloader = val_dataloader
