_base_ = './ipr_res50_8xb64-210e_coco-256x256.py'

# the heatmap's whole distribution is held against a Gaussian
losses = [
    dict(type='SmoothL1Loss', use_target_weight=True),
    dict(type='JSDiscretLoss', use_target_weight=True),
]
model = dict(head=dict(loss=dict(losses=losses)))
