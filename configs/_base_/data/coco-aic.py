# COCO and AI Challenger as one training set, to take the place of a loader's data set. Merged: the
# limbs of AIC as keypoints of COCO. Combined: AIC's head top and neck besides the 17 of COCO.
aic_to_coco = dict(
    type='KeypointConverter',
    num_keypoints=17,
    mapping=[
        *[(0, 6), (1, 8), (2, 10), (3, 5), (4, 7), (5, 9)],  # arms
        *[(6, 12), (7, 14), (8, 16), (9, 11), (10, 13), (11, 15)],  # legs
    ],
)
aic_to_coco_aic = dict(
    type='KeypointConverter',
    num_keypoints=19,
    mapping=[*aic_to_coco['mapping'], (12, 17), (13, 18)],
)
coco_to_coco_aic = dict(
    type='KeypointConverter',
    num_keypoints=19,
    mapping=[(i, i) for i in range(17)],
)

coco = dict(
    type='CocoDataset',
    data_root='data/coco/',
    data_mode='topdown',
    ann_file='annotations/person_keypoints_train2017.json',
    data_prefix=dict(img='train2017/'),
)
aic = dict(
    type='AicDataset',
    data_root='data/aic/',
    data_mode='topdown',
    ann_file='annotations/aic_train.json',
    data_prefix=dict(img='ai_challenger_keypoint_train_20170902/keypoint_train_images_20170902/'),
)

coco_aic_merged = dict(
    _delete_=True,
    type='CombinedDataset',
    metainfo=dict(from_file='configs/_base_/datasets/coco.py'),
    datasets=[dict(coco, pipeline=[]), dict(aic, pipeline=[aic_to_coco])],
    test_mode=False,
)
coco_aic_combined = dict(
    _delete_=True,
    type='CombinedDataset',
    metainfo=dict(from_file='configs/_base_/datasets/coco_aic.py'),
    datasets=[dict(coco, pipeline=[coco_to_coco_aic]), dict(aic, pipeline=[aic_to_coco_aic])],
    test_mode=False,
)
del coco, aic
