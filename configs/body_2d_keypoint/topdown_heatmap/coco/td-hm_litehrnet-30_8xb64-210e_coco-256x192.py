_base_ = './td-hm_litehrnet-18_8xb64-210e_coco-256x192.py'
model = dict(backbone=dict(extra=dict(stages_spec=dict(num_modules=(3, 8, 3)))))
