# Adam for 300 epochs; the learning rate is set for 80 images a step.
_base_ = './adam_140e_bs80.py'

train_cfg = dict(max_epochs=300)
param_scheduler = [
    _base_.param_scheduler[0],
    dict(_base_.param_scheduler[1], end=300, milestones=[200, 260]),
]
