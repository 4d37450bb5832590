_base_ = './td-hm_hrnet-w32_udp-8xb64-210e_coco-384x288.py'
model = dict(backbone=_base_.hrnet_w48, head=dict(in_channels=48))
train_dataloader = dict(batch_size=32)
