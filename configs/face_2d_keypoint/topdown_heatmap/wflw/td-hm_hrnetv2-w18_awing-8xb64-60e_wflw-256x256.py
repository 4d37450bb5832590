_base_ = './td-hm_hrnetv2-w18_8xb64-60e_wflw-256x256.py'
model = dict(head=dict(loss=dict(type='AdaptiveWingLoss')))
