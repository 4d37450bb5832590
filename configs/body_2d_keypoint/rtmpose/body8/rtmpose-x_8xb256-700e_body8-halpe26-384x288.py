_base_ = './rtmpose-l_8xb512-700e_body8-halpe26-384x288.py'
model = _base_.rtmpose.body7_384x288.x
train_dataloader = dict(batch_size=256)
custom_hooks = [_base_.ema_hook, dict(_base_.stage2_hook, switch_epoch=680)]
