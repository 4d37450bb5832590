_base_ = './cspnext-m_udp_8xb256-210e_coco-256x192.py'
model = dict(backbone=_base_.cspnext.tiny, head=dict(in_channels=384))
custom_hooks = _base_.custom_hooks[1:]  # no moving average of the weights
