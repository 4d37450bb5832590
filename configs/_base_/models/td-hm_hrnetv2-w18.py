# Top-down heatmaps: HRNetV2-W18 and two 1x1 convolutions. The leaf adds the head's decoder.
_base_ = ['./td-hm_res50.py', './hrnetv2-w18_concat.py']

model = _base_.hrnetv2_w18_concat
