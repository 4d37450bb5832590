_base_ = './rtmpose-l_8xb32-270e_coco-wholebody-384x288.py'
model = _base_.rtmpose.body7_384x288.x
optim_wrapper = dict(clip_grad=dict(max_norm=35, norm_type=2))
