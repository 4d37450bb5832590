# Of UDP it has no more than heatmaps that are not shifted after flipping, as published.
_base_ = './td-hm_hrnet-w32_8xb64-210e_deepfashion_upper-256x192.py'
model = dict(test_cfg=dict(shift_heatmap=False))
