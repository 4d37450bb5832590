_base_ = './yoloxpose_l_8xb32-300e_coco-640.py'
model = _base_.yoloxpose.s
