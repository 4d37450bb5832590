_base_ = [
    './td-hm_res50_8xb64-210e_deepfashion_lower-256x192.py',
    '../../../_base_/models/hrnet.py',
]
model = dict(backbone=_base_.hrnet_w32, head=dict(in_channels=32, deconv_out_channels=None))
auto_scale_lr = dict(base_batch_size=512)
