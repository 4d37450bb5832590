_base_ = [
    '../../../rtmpose/coco-wholebody/rtmpose-m_8xb64-270e_coco-wholebody-256x192.py',
    '../../../../_base_/models/dwpose.py',
]
model = dict(
    _base_.dwpose_stage1,
    teacher_cfg='configs/wholebody_2d_keypoint/rtmpose/coco-wholebody/'
    'rtmpose-l_8xb64-270e_coco-wholebody-256x192.py',
    teacher_pretrained='https://download.openmmlab.com/mmpose/v1/projects/rtmpose/'
    'rtmpose-l_simcc-coco-wholebody_pt-aic-coco_270e-256x192-6f206314_20230124.pth',
    student_cfg='configs/wholebody_2d_keypoint/rtmpose/coco-wholebody/'
    'rtmpose-m_8xb64-270e_coco-wholebody-256x192.py',
    distill_cfg=_base_.distill_cfg.l_to_m,
)
optim_wrapper = dict(clip_grad=dict(max_norm=1.0, norm_type=2))
