_base_ = './rtmpose-m_8xb64-270e_coco-ubody-wholebody-256x192.py'
model = _base_.rtmpose.body7_384x288.x
optim_wrapper = dict(clip_grad=dict(max_norm=35, norm_type=2))
