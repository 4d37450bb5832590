_base_ = [
    './td-hm_res50_8xb64-210e_rhd2d-256x256.py',
    '../../../_base_/models/hrnetv2-w18_concat.py',
]
model = _base_.hrnetv2_w18_concat
