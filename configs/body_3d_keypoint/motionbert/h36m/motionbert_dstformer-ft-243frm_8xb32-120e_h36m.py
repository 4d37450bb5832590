_base_ = './motionbert_dstformer-243frm_8xb32-240e_h36m.py'
weights = dict(
    type='Pretrained',
    checkpoint='https://download.openmmlab.com/mmpose/v1/body_3d_keypoint/pose_lift/h36m/'
    'motionbert_pretrain_h36m-29ffebf5_20230719.pth',
)
model = dict(init_cfg=weights)
train_cfg = dict(max_epochs=120)
param_scheduler = [dict(type='ExponentialLR', gamma=0.99, end=60, by_epoch=True)]
