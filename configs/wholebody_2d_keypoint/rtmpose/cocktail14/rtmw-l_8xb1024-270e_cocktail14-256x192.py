_base_ = './rtmw-m_8xb1024-270e_cocktail14-256x192.py'
model = _base_.rtmw.l
optim_wrapper = dict(optimizer=dict(weight_decay=0.1))
