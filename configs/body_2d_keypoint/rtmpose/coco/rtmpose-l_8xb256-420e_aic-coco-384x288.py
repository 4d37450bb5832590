_base_ = './rtmpose-m_8xb256-420e_aic-coco-384x288.py'
model = _base_.rtmpose.aic_coco.l
