_base_ = './rtmpose_210e_bs1024.py'
train_cfg = dict(max_epochs=120, val_interval=1)
param_scheduler = [
    _base_.param_scheduler[0],
    dict(_base_.param_scheduler[1], begin=60, end=120, T_max=60),
]
auto_scale_lr = dict(base_batch_size=512)
