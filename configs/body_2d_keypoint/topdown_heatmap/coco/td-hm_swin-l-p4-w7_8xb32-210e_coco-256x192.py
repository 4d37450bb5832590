_base_ = [
    './td-hm_swin-b-p4-w7_8xb32-210e_coco-256x192.py',
    '../../../_base_/schedules/adamw_swin.py',
]
model = dict(backbone=_base_.swin.large, head=dict(in_channels=1536))
optim_wrapper = _base_.adamw_swin
