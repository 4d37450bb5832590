_base_ = './rtmo_600e_bs256.py'
train_cfg = dict(max_epochs=700, val_interval=50, dynamic_intervals=[(670, 1)])
warmup, cosine, restart, second_cosine, steady = _base_.param_scheduler
param_scheduler = [
    warmup,
    dict(cosine, end=349, T_max=350),
    dict(restart, begin=349, end=350),
    dict(second_cosine, begin=350, end=670, T_max=320),
    dict(steady, begin=670, end=700),
]
mode_switch, *rest = _base_.last_hooks
last_hooks = [
    dict(mode_switch, epoch_attributes={350: mode_switch['epoch_attributes'][280]}),
    *rest,
]
del warmup, cosine, restart, second_cosine, steady, mode_switch, rest
