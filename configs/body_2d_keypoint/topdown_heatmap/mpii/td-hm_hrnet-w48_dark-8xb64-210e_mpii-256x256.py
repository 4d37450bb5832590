_base_ = './td-hm_hrnet-w32_dark-8xb64-210e_mpii-256x256.py'
model = dict(backbone=_base_.hrnet_w48, head=dict(in_channels=48))
