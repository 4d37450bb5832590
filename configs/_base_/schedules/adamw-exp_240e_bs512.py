# AdamW for 240 epochs; the learning rate, set for 512 samples a step, falls over the first half.
train_cfg = dict(by_epoch=True, max_epochs=240, val_interval=10)
optim_wrapper = dict(optimizer=dict(type='AdamW', lr=2e-4, weight_decay=0.01))
param_scheduler = [dict(type='ExponentialLR', gamma=0.99, end=120, by_epoch=True)]
auto_scale_lr = dict(base_batch_size=512)
