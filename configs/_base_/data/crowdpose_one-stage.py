# CrowdPose by image, for models that find people and keypoints at once.
_base_ = './coco_one-stage.py'

dataset_type = 'CrowdPoseDataset'

train_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        ann_file='crowdpose/annotations/mmpose_crowdpose_trainval.json',
        data_prefix=dict(img='pose/CrowdPose/images/'),
    ),
)
val_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        ann_file='crowdpose/annotations/mmpose_crowdpose_test.json',
        data_prefix=dict(img='pose/CrowdPose/images/'),
    ),
)
test_dataloader = val_dataloader

val_evaluator = dict(
    _delete_=True,
    type='CocoMetric',
    iou_type='keypoints_crowd',
    prefix='crowdpose',
    use_area=False,
    score_mode='bbox',
    nms_mode='none',
)
test_evaluator = val_evaluator
