_base_ = './cspnext-m_udp_8xb64-210e_coco-wholebody-256x192.py'
model = dict(backbone=_base_.cspnext.l, head=dict(in_channels=1024))
