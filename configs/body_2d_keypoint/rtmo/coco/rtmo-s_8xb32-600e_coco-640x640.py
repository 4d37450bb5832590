_base_ = './rtmo-l_16xb16-600e_coco-640x640.py'
model = dict(
    _base_.rtmo.s,
    head=dict(
        _base_.rtmo.s.head,
        assigner=dict(use_keypoints_for_center=True),
        loss_mle=dict(loss_weight=1.0),
    ),
)
train_dataloader = dict(batch_size=32)
custom_hooks = [
    dict(_base_.stage2_hook, num_last_epochs=20),
    dict(
        type='RTMOModeSwitchHook',
        epoch_attributes={
            280: {
                'proxy_target_cc': True,
                'loss_mle.loss_weight': 5.0,
                'loss_oks.loss_weight': 10.0,
            },
        },
        priority=48,
    ),
    *_base_.last_hooks[1:],
]
