_base_ = './rtmpose_210e_bs1024.py'
train_cfg = dict(max_epochs=270)
param_scheduler = [
    _base_.param_scheduler[0],
    dict(_base_.param_scheduler[1], begin=135, end=270, T_max=135),
]
auto_scale_lr = dict(base_batch_size=512)
