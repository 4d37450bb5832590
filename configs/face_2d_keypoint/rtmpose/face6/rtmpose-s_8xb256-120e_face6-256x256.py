_base_ = './rtmpose-t_8xb256-120e_face6-256x256.py'
model = dict(backbone=_base_.cspnext.s, head=dict(in_channels=512))
train_dataloader = dict(pin_memory=True)
val_dataloader = dict(pin_memory=True)
custom_hooks = [_base_.ema_hook, *_base_.custom_hooks]
