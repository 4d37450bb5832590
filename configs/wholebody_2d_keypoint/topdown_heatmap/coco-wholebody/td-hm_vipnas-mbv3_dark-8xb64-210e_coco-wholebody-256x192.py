_base_ = './td-hm_vipnas-res50_dark-8xb64-210e_coco-wholebody-256x192.py'
model = _base_.vipnas_mbv3
