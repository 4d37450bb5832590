_base_ = './td-hm_rsn50_8xb32-210e_coco-256x192.py'
model = dict(backbone=dict(num_blocks=[2, 2, 2, 2]))
optim_wrapper = dict(optimizer=dict(lr=2e-2))
param_scheduler = [
    _base_.param_scheduler[0],
    dict(_base_.param_scheduler[1], milestones=[170, 190, 200]),
]
