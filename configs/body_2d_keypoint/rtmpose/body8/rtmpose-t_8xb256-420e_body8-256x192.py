_base_ = './rtmpose-s_8xb256-420e_body8-256x192.py'
model = _base_.rtmpose.body7_256x192.t
custom_hooks = _base_.custom_hooks[1:]  # no moving average of the weights
