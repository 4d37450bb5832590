# HRFormer, to take the place of a model's backbone: `backbone=_base_.hrformer.small`.
# It puts out 32 (small) or 78 (base) channels at stride 4.
sizes = dict(  # channels and attention heads of the finest branch, drop path rate, weights
    small=(32, 1, 0.1, 'hrformer_small-09516375_20220226.pth'),
    base=(78, 2, 0.2, 'hrformer_base-32815020_20220226.pth'),
)
hrformer = {
    size: dict(
        _delete_=True,
        type='HRFormer',
        in_channels=3,
        norm_cfg=dict(type='SyncBN', requires_grad=True),
        extra=dict(
            drop_path_rate=drop_path_rate,
            with_rpe=True,
            stage1=dict(
                num_modules=1,
                num_branches=1,
                block='BOTTLENECK',
                num_blocks=[2],
                num_channels=[64],
                num_heads=[2],
            ),
            **{
                f'stage{branches}': dict(
                    num_modules=num_modules,
                    num_branches=branches,
                    block='HRFORMERBLOCK',
                    num_blocks=[2] * branches,
                    num_channels=[channels * 2**i for i in range(branches)],
                    num_heads=[heads * 2**i for i in range(branches)],
                    window_sizes=[7] * branches,
                    mlp_ratios=[4] * branches,
                )
                for branches, num_modules in ((2, 1), (3, 4), (4, 2))
            },
        ),
        init_cfg=dict(
            type='Pretrained',
            checkpoint=f'https://download.openmmlab.com/mmpose/pretrain_models/{file}',
        ),
    )
    for size, (channels, heads, drop_path_rate, file) in sizes.items()
}
# the published names differ; stage 1 is of convolutions and reads neither
hrformer['small']['extra']['stage1']['num_mlp_ratios'] = [4]
hrformer['base']['extra']['stage1']['mlp_ratios'] = [4]
del sizes
