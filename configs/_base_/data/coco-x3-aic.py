# COCO, three times, and AI Challenger as one training set, merged or combined as in coco-aic.py.
# Both lie under `data/`; `coco_val` is the validation set of COCO there.
_base_ = './coco-aic.py'

coco = dict(
    type='CocoDataset',
    data_root='data/',
    data_mode='topdown',
    ann_file='coco/annotations/person_keypoints_train2017.json',
    data_prefix=dict(img='detection/coco/train2017/'),
)
aic = dict(
    type='AicDataset',
    data_root='data/',
    data_mode='topdown',
    ann_file='aic/annotations/aic_train.json',
    data_prefix=dict(
        img='pose/ai_challenge/ai_challenger_keypoint_train_20170902/'
        'keypoint_train_images_20170902/'
    ),
)
coco_val = dict(
    data_root='data/',
    ann_file='coco/annotations/person_keypoints_val2017.json',
    data_prefix=dict(img='detection/coco/val2017/'),
)

coco_aic_merged = dict(
    datasets=[
        dict(type='RepeatDataset', dataset=dict(coco, pipeline=[]), times=3),
        dict(aic, pipeline=[_base_.aic_to_coco]),
    ],
)
coco_aic_combined = dict(
    datasets=[
        dict(
            type='RepeatDataset',
            dataset=dict(coco, pipeline=[_base_.coco_to_coco_aic]),
            times=3,
        ),
        dict(aic, pipeline=[_base_.aic_to_coco_aic]),
    ],
)
del coco, aic
