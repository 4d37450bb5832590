# Adam for 160 epochs; the learning rate, set for 1024 samples a step, falls over the first half.
train_cfg = dict(by_epoch=True, max_epochs=160, val_interval=10)
optim_wrapper = dict(optimizer=dict(type='Adam', lr=1e-3))
param_scheduler = [dict(type='ExponentialLR', gamma=0.975, end=80, by_epoch=True)]
auto_scale_lr = dict(base_batch_size=1024)
