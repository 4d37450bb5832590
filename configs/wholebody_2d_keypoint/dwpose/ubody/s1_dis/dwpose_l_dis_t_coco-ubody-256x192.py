_base_ = './dwpose_l_dis_m_coco-ubody-256x192.py'
model = dict(
    student_cfg='configs/wholebody_2d_keypoint/rtmpose/ubody/'
    'rtmpose-t_8xb64-270e_coco-ubody-wholebody-256x192.py',
    distill_cfg=_base_.distill_cfg.l_to_t,
)
