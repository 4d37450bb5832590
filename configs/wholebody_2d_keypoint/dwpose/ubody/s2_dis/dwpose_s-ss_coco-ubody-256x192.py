_base_ = '../s1_dis/dwpose_l_dis_s_coco-ubody-256x192.py'
model = dict(
    _base_.dwpose_stage2,
    teacher_cfg=_base_.model.student_cfg,
    teacher_pretrained='work_dirs/dwpose_l_dis_s_coco-ubody-256x192/dw-l-s_ucoco_256.pth',
)
train_cfg = dict(max_epochs=60)
