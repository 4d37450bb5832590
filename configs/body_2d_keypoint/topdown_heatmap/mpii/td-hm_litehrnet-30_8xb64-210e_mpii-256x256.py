_base_ = './td-hm_litehrnet-18_8xb64-210e_mpii-256x256.py'
model = dict(backbone=dict(extra=dict(stages_spec=dict(num_modules=(3, 8, 3)))))
