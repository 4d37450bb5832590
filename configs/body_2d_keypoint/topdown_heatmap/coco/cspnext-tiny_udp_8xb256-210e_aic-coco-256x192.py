_base_ = './cspnext-m_udp_8xb256-210e_aic-coco-256x192.py'
model = dict(backbone=_base_.cspnext.tiny, head=dict(in_channels=384))
optim_wrapper = dict(optimizer=dict(weight_decay=0.0))
custom_hooks = _base_.custom_hooks[1:]  # no moving average of the weights
