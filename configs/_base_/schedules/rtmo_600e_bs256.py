# AdamW for 600 epochs of two cosines; between them, the head's own coordinates become its targets.
_base_ = './yoloxpose_300e_bs256.py'
train_cfg = dict(
    _delete_=True,
    by_epoch=True,
    max_epochs=600,
    val_interval=20,
    dynamic_intervals=[(580, 1)],
)
optim_wrapper = dict(
    constructor='ForceDefaultOptimWrapperConstructor',
    paramwise_cfg=dict(
        force_default_settings=True,
        custom_keys={'neck.encoder': dict(lr_mult=0.05)},
    ),
)
warmup, cosine, steady = _base_.param_scheduler
param_scheduler = [
    warmup,
    cosine,
    dict(type='ConstantLR', by_epoch=True, factor=2.5, begin=280, end=281),
    dict(cosine, begin=281, end=580, T_max=300),
    dict(steady, begin=580, end=600),
]
last_hooks = [
    dict(
        type='RTMOModeSwitchHook',
        epoch_attributes={
            280: {
                'proxy_target_cc': True,
                'overlaps_power': 1.0,
                'loss_cls.loss_weight': 2.0,
                'loss_mle.loss_weight': 5.0,
                'loss_oks.loss_weight': 10.0,
            },
        },
        priority=48,
    ),
    *_base_.last_hooks,
]
del warmup, cosine, steady
