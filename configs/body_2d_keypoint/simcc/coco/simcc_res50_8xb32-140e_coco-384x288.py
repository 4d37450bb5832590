_base_ = [
    '../../../_base_/data/coco_topdown.py',
    '../../../_base_/models/simcc_res50.py',
    '../../../_base_/schedules/adam_140e_bs80.py',
    '../../../_base_/pipelines/simcc_384x288.py',
]
model = dict(head=dict(input_size=(288, 384), in_featuremap_size=(9, 12), decoder=_base_.codec))
train_dataloader = dict(batch_size=32, dataset=dict(pipeline=_base_.train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=_base_.val_pipeline))
test_dataloader = val_dataloader
auto_scale_lr = dict(base_batch_size=512)
