_base_ = [
    './td-hm_res50_8xb32-210e_onehand10k-256x256.py',
    '../../../_base_/models/hrnetv2-w18_concat.py',
]
model = _base_.hrnetv2_w18_concat
train_dataloader = dict(batch_size=64)
