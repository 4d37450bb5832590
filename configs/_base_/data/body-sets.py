# Data sets of bodies that are trained together: files, `body_train.NAME` and `body_val.NAME`, and
# what brings their keypoints to those of COCO or Halpe26, `to_coco.NAME` and `to_halpe26.NAME`.
classes = dict(
    coco='CocoDataset',
    coco_wholebody='CocoWholeBodyDataset',
    aic='AicDataset',
    crowdpose='CrowdPoseDataset',
    mpii='MpiiDataset',
    jhmdb='JhmdbDataset',
    halpe='HalpeDataset',
    ochuman='OCHumanDataset',
    posetrack18='PoseTrack18Dataset',
)
aic_images = 'pose/ai_challenge/ai_challenger_keypoint_'
train = dict(  # annotations, images
    coco=('coco/annotations/person_keypoints_train2017.json', 'detection/coco/train2017/'),
    coco_wholebody=(
        'coco/annotations/coco_wholebody_train_v1.0.json',
        'detection/coco/train2017/',
    ),
    aic=(
        'aic/annotations/aic_train.json',
        aic_images + 'train_20170902/keypoint_train_images_20170902/',
    ),
    crowdpose=('crowdpose/annotations/mmpose_crowdpose_trainval.json', 'pose/CrowdPose/images/'),
    mpii=('mpii/annotations/mpii_train.json', 'pose/MPI/images/'),
    jhmdb=('jhmdb/annotations/Sub1_train.json', 'pose/JHMDB/'),
    halpe=(
        'halpe/annotations/halpe_train_v1.json',
        'pose/Halpe/hico_20160224_det/images/train2015',
    ),
    posetrack18=('posetrack18/annotations/posetrack18_train.json', 'pose/PoseChallenge2018/'),
)
val = dict(
    coco=('coco/annotations/person_keypoints_val2017.json', 'detection/coco/val2017/'),
    coco_wholebody=('coco/annotations/coco_wholebody_val_v1.0.json', 'detection/coco/val2017/'),
    aic=(
        'aic/annotations/aic_val.json',
        aic_images + 'validation_20170911/keypoint_validation_images_20170911/',
    ),
    crowdpose=('crowdpose/annotations/mmpose_crowdpose_test.json', 'pose/CrowdPose/images/'),
    mpii=('mpii/annotations/mpii_val.json', 'pose/MPI/images/'),
    jhmdb=('jhmdb/annotations/Sub1_test.json', 'pose/JHMDB/'),
    halpe=('halpe/annotations/halpe_val_v1.json', 'detection/coco/val2017/'),
    ochuman=(
        'ochuman/annotations/ochuman_coco_format_val_range_0.00_1.00.json',
        'pose/OCHuman/images/',
    ),
    posetrack18=('posetrack18/annotations/posetrack18_val.json', 'pose/PoseChallenge2018/'),
)
body_train, body_val = (
    {
        name: dict(
            type=classes[name],
            data_root='data/',
            ann_file=annotations,
            data_prefix=dict(img=images),
        )
        for name, (annotations, images) in files.items()
    }
    for files in (train, val)
)

same = [(i, i) for i in range(26)]
mappings = dict(  # to Halpe26: 0-16 as in COCO, 17 head top, 18 neck, 19 hip, 20-25 feet
    coco=same[:17],
    coco_wholebody=[*same[:17], (17, 20), (18, 22), (19, 24), (20, 21), (21, 23), (22, 25)],
    aic=[
        *[(0, 6), (1, 8), (2, 10), (3, 5), (4, 7), (5, 9)],
        *[(6, 12), (7, 14), (8, 16), (9, 11), (10, 13), (11, 15)],
        *[(12, 17), (13, 18)],
    ],
    crowdpose=[(i, i + 5) for i in range(14)],
    mpii=[
        *[(0, 16), (1, 14), (2, 12), (3, 11), (4, 13), (5, 15)],
        *[(8, 18), (9, 17)],
        *[(10, 10), (11, 8), (12, 6), (13, 5), (14, 7), (15, 9)],
    ],
    jhmdb=[
        *[(0, 18), (2, 17)],
        *[(3, 6), (4, 5), (5, 12), (6, 11), (7, 8), (8, 7)],
        *[(9, 14), (10, 13), (11, 10), (12, 9), (13, 16), (14, 15)],
    ],
    halpe=same,
    ochuman=same[:17],
    posetrack18=[(0, 0), (2, 17), *same[3:17]],
)
to_coco, to_halpe26 = (
    {
        name: dict(
            type='KeypointConverter',
            num_keypoints=num_keypoints,
            mapping=[(source, target) for source, target in mapping if target < num_keypoints],
        )
        for name, mapping in mappings.items()
    }
    for num_keypoints in (17, 26)
)
del classes, train, val, aic_images, same, mappings
