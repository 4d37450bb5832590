# Adam for 200 epochs; the learning rate, set for 512 samples a step, falls by steps of iterations.
train_cfg = dict(by_epoch=True, max_epochs=200, val_interval=10)
optim_wrapper = dict(optimizer=dict(type='Adam', lr=1e-3))
param_scheduler = [dict(type='StepLR', step_size=100000, gamma=0.96, end=80, by_epoch=False)]
auto_scale_lr = dict(base_batch_size=512)
