_base_ = [
    '../../../rtmpose/ubody/rtmpose-l_8xb32-270e_coco-ubody-wholebody-384x288.py',
    '../../../../_base_/models/dwpose.py',
]
model = dict(
    _base_.dwpose_stage1,
    teacher_cfg='configs/wholebody_2d_keypoint/rtmpose/ubody/'
    'rtmpose-x_8xb32-270e_coco-ubody-wholebody-384x288.py',
    teacher_pretrained='https://download.openmmlab.com/mmpose/v1/projects/rtmposev1/'
    'rtmpose-x_ucoco_384x288-f5b50679_20230822.pth',
    student_cfg='configs/wholebody_2d_keypoint/rtmpose/ubody/'
    'rtmpose-l_8xb32-270e_coco-ubody-wholebody-384x288.py',
    distill_cfg=_base_.distill_cfg.x_to_l,
)
optim_wrapper = dict(clip_grad=dict(max_norm=1.0, norm_type=2))
