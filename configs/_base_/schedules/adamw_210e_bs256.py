# AdamW for 210 epochs; the learning rate is set for 256 samples a step. The biases by relative
# position do not decay.
_base_ = './adam_210e_bs512.py'

optim_wrapper = dict(
    optimizer=dict(type='AdamW', betas=(0.9, 0.999), weight_decay=0.01),
    paramwise_cfg=dict(custom_keys=dict(relative_position_bias_table=dict(decay_mult=0.0))),
)
auto_scale_lr = dict(base_batch_size=256)
