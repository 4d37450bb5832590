_base_ = './rtmpose-m_8xb256-420e_humanart-256x192.py'
model = _base_.rtmpose.aic_coco_old_url.l
