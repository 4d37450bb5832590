_base_ = [
    './td-hm_swin-b-p4-w7_8xb32-210e_coco-384x288.py',
    '../../../_base_/schedules/adamw_swin.py',
]
model = dict(
    backbone=dict(_base_.swin.large, init_cfg=_base_.model.backbone.init_cfg),
    head=dict(in_channels=1536),
)
optim_wrapper = _base_.adamw_swin
