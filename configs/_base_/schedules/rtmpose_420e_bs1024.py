_base_ = './rtmpose_210e_bs1024.py'
train_cfg = dict(max_epochs=420)
param_scheduler = [
    _base_.param_scheduler[0],
    dict(_base_.param_scheduler[1], begin=210, end=420, T_max=210),
]
