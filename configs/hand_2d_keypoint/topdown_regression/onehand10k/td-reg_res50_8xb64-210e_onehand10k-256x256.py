_base_ = [
    '../../../_base_/data/onehand10k_topdown.py',
    '../../../_base_/models/td-reg_res50.py',
    '../../../_base_/schedules/adam_210e_bs512.py',
    '../../../_base_/pipelines/td-reg-rotate180_256x256.py',
]
model = dict(
    head=dict(num_joints=21, decoder=_base_.codec),
    # the options of heatmaps, as published; of them, regression reads `flip_test` alone
    test_cfg=dict(_delete_=True, flip_test=True, flip_mode='heatmap', shift_heatmap=True),
)
train_dataloader = dict(dataset=dict(pipeline=_base_.train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=_base_.val_pipeline))
test_dataloader = val_dataloader
