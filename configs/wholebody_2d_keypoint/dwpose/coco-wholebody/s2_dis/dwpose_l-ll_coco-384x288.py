_base_ = '../s1_dis/dwpose_x_dis_l_coco-384x288.py'
model = dict(
    _base_.dwpose_stage2,
    teacher_cfg=_base_.model.student_cfg,
    teacher_pretrained='work_dirs/dwpose_x_dis_l_coco-384x288/dw-x-l_coco_384.pth',
)
train_cfg = dict(max_epochs=60)
