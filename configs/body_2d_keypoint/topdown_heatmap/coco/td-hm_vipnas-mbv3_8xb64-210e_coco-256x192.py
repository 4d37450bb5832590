_base_ = './td-hm_vipnas-res50_8xb64-210e_coco-256x192.py'
model = _base_.vipnas_mbv3
