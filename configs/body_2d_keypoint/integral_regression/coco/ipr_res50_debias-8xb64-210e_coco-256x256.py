_base_ = './ipr_res50_dsnt-8xb64-210e_coco-256x256.py'
model = dict(head=dict(debias=True, beta=10.0))
