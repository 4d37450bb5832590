_base_ = [
    '../../../_base_/data/h36m_lifting.py',
    '../../../_base_/models/motionbert_dstformer.py',
    '../../../_base_/schedules/adamw-exp_240e_bs512.py',
    '../../../_base_/pipelines/motionbert.py',
]
loader = dict(batch_size=32, pin_memory=True, prefetch_factor=4)
# recordings whose 3D keypoints are known to be off
skip_list = ['S9_Greet', 'S9_SittingDown', 'S9_Wait_1', 'S9_Greeting', 'S9_Waiting_1']
model = dict(head=dict(decoder=_base_.val_codec))
train_dataloader = dict(
    loader,
    dataset=dict(_base_.train_clips, pipeline=_base_.train_pipeline),
)
val_dataloader = dict(
    loader,
    dataset=dict(_base_.val_clips, pipeline=_base_.val_pipeline, test_mode=True),
)
test_dataloader = val_dataloader
val_evaluator = [dict(metric, skip_list=skip_list) for metric in _base_.val_evaluator]
test_evaluator = val_evaluator
