_base_ = './video-pose-lift_tcn-27frm-supv_8xb128-160e_h36m.py'
model = dict(backbone=dict(num_blocks=4, kernel_sizes=(3, 3, 3, 3, 3)))
train_dataloader = dict(dataset=dict(seq_len=243))
val_dataloader = train_dataloader
test_dataloader = train_dataloader
