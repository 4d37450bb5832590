# AdamW for Swin transformers, in place of a leaf's Adam: `optim_wrapper = _base_.adamw_swin`.
# Positions and norms do not decay.
adamw_swin = dict(
    optimizer=dict(type='AdamW', betas=(0.9, 0.999), weight_decay=0.01),
    paramwise_cfg=dict(
        custom_keys=dict(
            absolute_pos_embed=dict(decay_mult=0.0),
            relative_position_bias_table=dict(decay_mult=0.0),
            norm=dict(decay_mult=0.0),
        ),
    ),
)
