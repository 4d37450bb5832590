_base_ = './td-reg_res50_8xb64-210e_wflw-256x256.py'
model = dict(head=dict(loss=dict(type='SoftWingLoss')))
