# Adam for 100 epochs.
_base_ = './adam_210e_bs512.py'

train_cfg = dict(max_epochs=100, val_interval=1)
param_scheduler = [
    _base_.param_scheduler[0],
    dict(_base_.param_scheduler[1], end=100, milestones=[50, 70]),
]
