_base_ = './rtmpose-m_8xb64-270e_coco-ubody-wholebody-256x192.py'
model = _base_.rtmpose.aic_coco_old_url.s
