_base_ = './td-hm_hrformer-small_8xb32-210e_coco-384x288.py'
model = dict(backbone=_base_.hrformer.base, head=dict(in_channels=78))
