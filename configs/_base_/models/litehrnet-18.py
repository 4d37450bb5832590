# Lite-HRNet-18, to take the place of a model's backbone. It puts out 40 channels at stride 4.
# Lite-HRNet-30 has `num_modules=(3, 8, 3)`.
litehrnet_18 = dict(
    _delete_=True,
    type='LiteHRNet',
    in_channels=3,
    extra=dict(
        stem=dict(stem_channels=32, out_channels=32, expand_ratio=1),
        num_stages=3,
        stages_spec=dict(
            num_modules=(2, 4, 2),
            num_branches=(2, 3, 4),
            num_blocks=(2, 2, 2),
            module_type=('LITE', 'LITE', 'LITE'),
            with_fuse=(True, True, True),
            reduce_ratios=(8, 8, 8),
            num_channels=((40, 80), (40, 80, 160), (40, 80, 160, 320)),
        ),
        with_head=True,
    ),
)
