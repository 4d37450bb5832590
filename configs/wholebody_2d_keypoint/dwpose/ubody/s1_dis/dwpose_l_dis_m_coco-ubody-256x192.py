_base_ = [
    '../../../rtmpose/ubody/rtmpose-m_8xb64-270e_coco-ubody-wholebody-256x192.py',
    '../../../../_base_/models/dwpose.py',
]
model = dict(
    _base_.dwpose_stage1,
    teacher_cfg='configs/wholebody_2d_keypoint/rtmpose/ubody/'
    'rtmpose-l_8xb64-270e_coco-ubody-wholebody-256x192.py',
    teacher_pretrained='https://download.openmmlab.com/mmpose/v1/projects/rtmposev1/'
    'rtmpose-l_ucoco_256x192-95bb32f5_20230822.pth',
    student_cfg='configs/wholebody_2d_keypoint/rtmpose/ubody/'
    'rtmpose-m_8xb64-270e_coco-ubody-wholebody-256x192.py',
    distill_cfg=_base_.distill_cfg.l_to_m,
)
optim_wrapper = dict(clip_grad=dict(max_norm=1.0, norm_type=2))
