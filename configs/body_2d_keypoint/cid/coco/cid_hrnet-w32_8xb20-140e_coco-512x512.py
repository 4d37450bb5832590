_base_ = [
    '../../../_base_/data/coco_bottomup.py',
    '../../../_base_/models/cid_hrnet-w32.py',
    '../../../_base_/schedules/adam_140e_bs80.py',
    '../../../_base_/pipelines/cid_512x512.py',
]
model = dict(head=dict(decoder=_base_.codec))
train_dataloader = dict(batch_size=20, dataset=dict(pipeline=_base_.train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=_base_.val_pipeline))
test_dataloader = val_dataloader
val_evaluator = dict(
    _delete_=True,
    type='CocoMetric',
    ann_file=_base_.val_evaluator.ann_file,
    score_mode='keypoint',
    nms_thr=0.8,
)
test_evaluator = val_evaluator
param_scheduler = _base_.param_scheduler[1:]  # no warm-up
auto_scale_lr = dict(base_batch_size=160)
