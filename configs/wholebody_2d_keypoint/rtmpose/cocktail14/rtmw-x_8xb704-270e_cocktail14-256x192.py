_base_ = './rtmw-m_8xb1024-270e_cocktail14-256x192.py'
model = _base_.rtmw.x
optim_wrapper = dict(optimizer=dict(weight_decay=0.1))
train_dataloader = dict(batch_size=704)
auto_scale_lr = dict(base_batch_size=5632)
