# Adam for 60 epochs, at a higher rate than bodies are trained with.
_base_ = './adam_210e_bs512.py'

train_cfg = dict(max_epochs=60, val_interval=1)
optim_wrapper = dict(optimizer=dict(lr=2e-3))
param_scheduler = [
    _base_.param_scheduler[0],
    dict(_base_.param_scheduler[1], end=60, milestones=[40, 55]),
]
