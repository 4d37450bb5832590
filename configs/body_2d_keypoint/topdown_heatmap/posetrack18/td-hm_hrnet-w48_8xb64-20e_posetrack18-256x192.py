_base_ = './td-hm_hrnet-w32_8xb64-20e_posetrack18-256x192.py'
load_from = (
    'https://download.openmmlab.com/mmpose/v1/body_2d_keypoint/topdown_heatmap/coco/'
    'td-hm_hrnet-w48_8xb32-210e_coco-256x192-0e67c616_20220913.pth'
)
model = dict(backbone=dict(extra=_base_.hrnet_w48.extra), head=dict(in_channels=48))
