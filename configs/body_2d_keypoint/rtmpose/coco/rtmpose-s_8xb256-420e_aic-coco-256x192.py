_base_ = './rtmpose-m_8xb256-420e_aic-coco-256x192.py'
model = _base_.rtmpose.aic_coco.s
optim_wrapper = dict(optimizer=dict(weight_decay=0.0))
