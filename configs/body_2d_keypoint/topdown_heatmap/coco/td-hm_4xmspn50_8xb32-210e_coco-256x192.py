_base_ = './td-hm_2xmspn50_8xb32-210e_coco-256x192.py'
model = dict(
    backbone=dict(num_stages=4),
    head=dict(
        num_stages=4,
        level_indices=[0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 1, 2, 3, 4],
        loss=_base_.model.head.loss[:4] * 4,
    ),
)
