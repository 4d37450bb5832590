# Adam for 50 epochs, by full names; the learning rate is set for 80 images a step.
train_cfg = dict(by_epoch=True, max_epochs=50, val_interval=10)
optim_wrapper = dict(optimizer=dict(type='torch.optim.Adam', lr=1e-3))
param_scheduler = [
    dict(
        type='mmengine.optim.LinearLR',
        begin=0,
        end=500,
        start_factor=0.001,
        by_epoch=False,
    ),
    dict(
        type='mmengine.optim.MultiStepLR',
        begin=0,
        end=140,
        milestones=[33, 45],
        gamma=0.1,
        by_epoch=True,
    ),
]
auto_scale_lr = dict(base_batch_size=80)
