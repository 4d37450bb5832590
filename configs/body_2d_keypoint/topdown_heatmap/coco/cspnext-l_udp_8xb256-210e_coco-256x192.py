_base_ = './cspnext-m_udp_8xb256-210e_coco-256x192.py'
model = dict(backbone=_base_.cspnext.l, head=dict(in_channels=1024))
