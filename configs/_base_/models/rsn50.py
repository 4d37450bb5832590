# One stage of RSN-50, to take the place of MSPN as a model's backbone.
rsn50 = dict(
    _delete_=True,
    type='RSN',
    unit_channels=256,
    num_stages=1,
    num_units=4,
    num_blocks=[3, 4, 6, 3],
    num_steps=4,
    norm_cfg=dict(type='BN'),
)
