# Adam for 20 epochs, from weights that were trained on other bodies.
_base_ = './adam_210e_bs512.py'

train_cfg = dict(max_epochs=20, val_interval=1)
param_scheduler = [
    _base_.param_scheduler[0],
    dict(_base_.param_scheduler[1], end=20, milestones=[10, 15]),
]
