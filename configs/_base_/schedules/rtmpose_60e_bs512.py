_base_ = './rtmpose_210e_bs1024.py'
train_cfg = dict(max_epochs=60, val_interval=1)
param_scheduler = [
    _base_.param_scheduler[0],
    dict(_base_.param_scheduler[1], begin=30, end=60, T_max=30),
]
auto_scale_lr = dict(base_batch_size=512)
