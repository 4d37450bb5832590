# For `custom_hooks`: a moving average of the weights, which is what is tested and saved.
ema_hook = dict(
    type='EMAHook',
    ema_type='ExpMomentumEMA',
    momentum=0.0002,
    update_buffers=True,
    priority=49,
)
