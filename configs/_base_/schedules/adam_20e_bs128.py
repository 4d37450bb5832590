# Adam for 20 epochs without warm-up; the learning rate is set for 128 samples a step.
train_cfg = dict(by_epoch=True, max_epochs=20, val_interval=1)
optim_wrapper = dict(optimizer=dict(type='Adam', lr=2e-4))
param_scheduler = [
    dict(type='MultiStepLR', begin=0, end=20, milestones=[15, 17], gamma=0.1, by_epoch=True),
]
auto_scale_lr = dict(base_batch_size=128)
