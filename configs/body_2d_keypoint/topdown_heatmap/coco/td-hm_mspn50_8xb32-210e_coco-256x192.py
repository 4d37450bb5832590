_base_ = [
    '../../../_base_/data/coco_topdown.py',
    '../../../_base_/models/td-hm_mspn50.py',
    '../../../_base_/schedules/adam_210e_bs512.py',
    '../../../_base_/pipelines/td-hm-megvii_256x192.py',
]
model = dict(head=dict(decoder=_base_.codec[-1]))
train_dataloader = dict(batch_size=32, num_workers=4, dataset=dict(pipeline=_base_.train_pipeline))
val_dataloader = dict(num_workers=4, dataset=dict(pipeline=_base_.val_pipeline))
test_dataloader = val_dataloader
val_evaluator = dict(nms_mode='none')
test_evaluator = val_evaluator
optim_wrapper = dict(optimizer=dict(lr=5e-3))
auto_scale_lr = dict(base_batch_size=256)
