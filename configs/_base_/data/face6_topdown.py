# Six data sets of faces by instance, with the keypoints of LaPa; validated on LaPa, tested on all.
_base_ = './face_topdown.py'

classes = dict(
    lapa='LapaDataset',
    coco='CocoWholeBodyFaceDataset',
    wflw='WFLWDataset',
    ibug='Face300WDataset',
    cofw='COFWDataset',
    halpe='HalpeDataset',
)
train = dict(  # annotations, images
    lapa=('LaPa/annotations/lapa_trainval.json', 'pose/LaPa/'),
    coco=('coco/annotations/coco_wholebody_train_v1.0.json', 'detection/coco/train2017/'),
    wflw=('wflw/annotations/face_landmarks_wflw_train.json', 'pose/WFLW/images/'),
    ibug=('300w/annotations/face_landmarks_300w_train.json', 'pose/300w/images/'),
    cofw=('cofw/annotations/cofw_train.json', 'pose/COFW/images/'),
    halpe=(
        'halpe/annotations/halpe_train_133kpt.json',
        'pose/Halpe/hico_20160224_det/images/train2015/',
    ),
)
test = dict(
    lapa=('LaPa/annotations/lapa_test.json', 'pose/LaPa/'),
    coco=('coco/annotations/coco_wholebody_val_v1.0.json', 'detection/coco/val2017/'),
    wflw=('wflw/annotations/face_landmarks_wflw_test.json', 'pose/WFLW/images/'),
    ibug=('300w/annotations/face_landmarks_300w_test.json', 'pose/300w/images/'),
    cofw=('cofw/annotations/cofw_test.json', 'pose/COFW/images/'),
    halpe=('halpe/annotations/halpe_val_v1.json', 'detection/coco/val2017/'),
)

# The 68 points of a face, which in Halpe follow 26 points of the body. Where they have two points
# on a lid, LaPa has one, midway.
ibug, halpe = (
    [
        *enumerate(range(0, 33, 2), start=face),  # jaw
        *enumerate([*range(33, 38), *range(42, 47)], start=face + 17),  # upper edges of the brows
        *enumerate([*range(51, 55), *range(58, 63)], start=face + 27),  # nose
        *[(face + 36, 66), (face + 39, 70)],  # left eye: corners, lids
        *[((face + 37, face + 38), 68), ((face + 40, face + 41), 72)],
        *[(face + 42, 75), (face + 45, 79)],  # right eye
        *[((face + 43, face + 44), 77), ((face + 46, face + 47), 81)],
        *enumerate(range(84, 104), start=face + 48),  # mouth
    ]
    for face in (0, 26)
)
mappings = dict(
    lapa=None,
    coco=ibug,
    wflw=enumerate(
        [*range(55), *range(58, 63), *range(66, 74), *range(75, 83), *range(84, 106)],
    ),
    ibug=ibug,
    cofw=[
        *[(0, 33), (2, 38), (4, 35), (5, 40), (1, 46), (3, 50), (6, 44), (7, 48)],  # brows
        *[(8, 60), (10, 64), (12, 62), (13, 66)],  # eyes, by WFLW's numbers, as published
        *[(9, 72), (11, 68), (14, 70), (15, 74)],
        *[(18, 57), (19, 63), (20, 54), (21, 60)],  # nose
        *[(22, 84), (23, 90), (24, 87), (25, 98), (26, 102), (27, 93), (28, 16)],  # mouth, chin
    ],
    halpe=halpe,
)
to_lapa = {
    name: [dict(type='KeypointConverter', num_keypoints=106, mapping=list(mapping))]
    if mapping
    else []
    for name, mapping in mappings.items()
}

train_sets, test_sets = (
    [
        dict(
            type=classes[name],
            data_root='data/',
            data_mode='topdown',
            ann_file=annotations,
            data_prefix=dict(img=images),
            pipeline=to_lapa[name],
        )
        for name, (annotations, images) in files.items()
    ]
    for files in (train, test)
)
combined = dict(
    _delete_=True,
    type='CombinedDataset',
    metainfo=dict(from_file='configs/_base_/datasets/lapa.py'),
)
train_dataloader = dict(
    batch_size=256,
    dataset=dict(combined, datasets=train_sets, test_mode=False),
)
val_dataloader = dict(
    dataset=dict(
        type='LapaDataset',
        data_root='data/',
        ann_file='LaPa/annotations/lapa_test.json',
        data_prefix=dict(img='pose/LaPa/'),
    ),
)
test_dataloader = dict(dataset=dict(combined, datasets=test_sets, test_mode=True))
del classes, train, test, ibug, halpe, mappings, to_lapa, train_sets, test_sets, combined
