_base_ = './rtmpose_270e_bs512.py'
optim_wrapper = dict(optimizer=dict(lr=5e-4), clip_grad=dict(max_norm=35, norm_type=2))
param_scheduler = [
    _base_.param_scheduler[0],
    dict(_base_.param_scheduler[1], eta_min=2.5e-5),
]
auto_scale_lr = dict(base_batch_size=8192)
