# Top-down heatmaps: one stage of MSPN, heatmaps of four sizes of peaks. The finest is held
# against the hardest keypoints alone.
_base_ = './td-hm_res50.py'

model = dict(
    backbone=dict(
        _delete_=True,
        type='MSPN',
        unit_channels=256,
        num_stages=1,
        num_units=4,
        num_blocks=[3, 4, 6, 3],
        norm_cfg=dict(type='BN'),
        init_cfg=dict(type='Pretrained', checkpoint='torchvision://resnet50'),
    ),
    head=dict(
        _delete_=True,
        type='MSPNHead',
        out_shape=(64, 48),
        unit_channels=256,
        out_channels=17,
        num_stages=1,
        num_units=4,
        norm_cfg=dict(type='BN'),
        level_indices=[0, 1, 2, 3],
        loss=[
            *[dict(type='KeypointMSELoss', use_target_weight=True, loss_weight=0.25)] * 3,
            dict(type='KeypointOHKMMSELoss', use_target_weight=True, loss_weight=1.0),
        ],
    ),
    test_cfg=dict(shift_heatmap=False),
)
