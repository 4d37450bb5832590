_base_ = './rtmpose_210e_bs1024.py'
train_cfg = dict(max_epochs=700)
param_scheduler = [
    _base_.param_scheduler[0],
    dict(_base_.param_scheduler[1], begin=350, end=700, T_max=350),
]
