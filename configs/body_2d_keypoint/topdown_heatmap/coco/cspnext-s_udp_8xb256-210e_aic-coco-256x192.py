_base_ = './cspnext-m_udp_8xb256-210e_aic-coco-256x192.py'
model = dict(backbone=_base_.cspnext.s, head=dict(in_channels=512))
optim_wrapper = dict(optimizer=dict(weight_decay=0.0))
