_base_ = './rtmpose-s_8xb256-420e_coco-256x192.py'
model = _base_.rtmpose.aic_coco.t
custom_hooks = _base_.custom_hooks[1:]  # no moving average of the weights
