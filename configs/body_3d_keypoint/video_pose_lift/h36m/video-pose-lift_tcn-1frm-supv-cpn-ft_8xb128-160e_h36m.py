_base_ = [
    './video-pose-lift_tcn-27frm-supv_8xb128-160e_h36m.py',
    '../../../_base_/data/h36m_cpn.py',
]
sequence = dict(seq_len=1, pad_video_seq=False)
model = dict(backbone=dict(num_blocks=4, kernel_sizes=(1, 1, 1, 1, 1)))
train_dataloader = dict(dataset=dict(sequence, **_base_.cpn_train))
val_dataloader = dict(dataset=dict(sequence, **_base_.cpn_test))
test_dataloader = val_dataloader
optim_wrapper = dict(optimizer=dict(lr=1e-4))
param_scheduler = [dict(type='ExponentialLR', gamma=0.98, end=80, by_epoch=True)]
