_base_ = './td-hm_litehrnet-18_8xb32-210e_coco-384x288.py'
model = dict(backbone=dict(extra=dict(stages_spec=dict(num_modules=(3, 8, 3)))))
