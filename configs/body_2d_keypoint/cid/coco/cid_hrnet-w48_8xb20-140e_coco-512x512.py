_base_ = './cid_hrnet-w32_8xb20-140e_coco-512x512.py'
model = dict(backbone=_base_.hrnet_w48, head=dict(in_channels=720, gfd_channels=48))
