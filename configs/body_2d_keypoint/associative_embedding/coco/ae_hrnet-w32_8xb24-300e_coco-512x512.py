_base_ = [
    '../../../_base_/data/coco_bottomup.py',
    '../../../_base_/models/ae_hrnet-w32.py',
    '../../../_base_/schedules/adam_300e_bs80.py',
    '../../../_base_/pipelines/bottomup_512x512.py',
]
codec = dict(
    type='AssociativeEmbedding',
    input_size=(512, 512),
    heatmap_size=(512, 512),  # the head's maps are decoded at the size of the input
    sigma=2,
    # head, shoulders and hips first, then the limbs
    decode_keypoint_order=[0, 1, 2, 3, 4, 5, 6, 11, 12, 7, 8, 9, 10, 13, 14, 15, 16],
    decode_center_shift=0.5,
    decode_topk=30,
    decode_max_instances=30,
)
model = dict(head=dict(decoder=codec))
train_dataloader = dict(batch_size=24, dataset=dict(pipeline=[]))
val_dataloader = dict(num_workers=2, dataset=dict(pipeline=_base_.val_pipeline))
test_dataloader = val_dataloader
val_evaluator = dict(score_mode='bbox')
test_evaluator = val_evaluator
optim_wrapper = dict(optimizer=dict(lr=1.5e-3))
auto_scale_lr = dict(base_batch_size=192)
default_hooks = dict(checkpoint=dict(interval=50))
