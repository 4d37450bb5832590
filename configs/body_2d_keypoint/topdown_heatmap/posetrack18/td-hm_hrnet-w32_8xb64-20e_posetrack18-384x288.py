_base_ = [
    '../../../_base_/data/posetrack18_topdown.py',
    '../../../_base_/models/td-hm_hrnet-w32_no-weights.py',
    '../../../_base_/schedules/adam_20e_bs512.py',
    '../../../_base_/pipelines/td-hm_384x288.py',
]
load_from = (
    'https://download.openmmlab.com/mmpose/v1/body_2d_keypoint/topdown_heatmap/coco/'
    'td-hm_hrnet-w32_8xb64-210e_coco-384x288-ca5956af_20220909.pth'
)
model = dict(head=dict(decoder=_base_.codec))
train_dataloader = dict(dataset=dict(pipeline=_base_.train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=_base_.val_pipeline))
test_dataloader = val_dataloader
