_base_ = './rtmpose-s_8xb1024-700e_body8-halpe26-256x192.py'
model = _base_.rtmpose.body7_256x192.t
val_dataloader = dict(pin_memory=True)
test_dataloader = val_dataloader
custom_hooks = _base_.custom_hooks[1:]  # no moving average of the weights
