# Five data sets of hands by instance, with the 21 keypoints of COCO-WholeBody's hands.
_base_ = './topdown_pck-auc-epe.py'

classes = dict(
    coco_wholebody='CocoWholeBodyHandDataset',
    onehand10k='OneHand10KDataset',
    freihand='FreiHandDataset',
    rhd='Rhd2DDataset',
    halpe='HalpeHandDataset',
)
train = dict(  # annotations, images
    coco_wholebody=(
        'coco/annotations/coco_wholebody_train_v1.0.json',
        'detection/coco/train2017/',
    ),
    onehand10k=('onehand10k/annotations/onehand10k_train.json', 'pose/OneHand10K/'),
    freihand=('freihand/annotations/freihand_train.json', 'pose/FreiHand/'),
    rhd=('rhd/annotations/rhd_train.json', 'pose/RHD/'),
    halpe=(
        'halpe/annotations/halpe_train_v1.json',
        'pose/Halpe/hico_20160224_det/images/train2015/',
    ),
)
test = dict(
    coco_wholebody=('coco/annotations/coco_wholebody_val_v1.0.json', 'detection/coco/val2017/'),
    onehand10k=('onehand10k/annotations/onehand10k_test.json', 'pose/OneHand10K/'),
    freihand=('freihand/annotations/freihand_test.json', 'pose/FreiHand/'),
    rhd=('rhd/annotations/rhd_test.json', 'pose/RHD/'),
    halpe=('halpe/annotations/halpe_val_v1.json', 'detection/coco/val2017/'),
)

# RHD numbers a finger from its tip, the others from the palm
fingers = [(4 * finger + i, 4 * finger + 5 - i) for finger in range(5) for i in (1, 2, 3, 4)]
from_tips = dict(type='KeypointConverter', num_keypoints=21, mapping=[(0, 0), *fingers])

train_sets, test_sets = (
    [
        dict(
            type=classes[name],
            data_root='data/',
            data_mode='topdown',
            ann_file=annotations,
            data_prefix=dict(img=images),
            pipeline=[from_tips] if name == 'rhd' else [],
        )
        for name, (annotations, images) in files.items()
    ]
    for files in (train, test)
)
combined = dict(
    _delete_=True,
    type='CombinedDataset',
    metainfo=dict(from_file='configs/_base_/datasets/coco_wholebody_hand.py'),
)
train_dataloader = dict(
    batch_size=256,
    dataset=dict(combined, datasets=train_sets, test_mode=False),
)
val_dataloader = dict(dataset=dict(combined, datasets=test_sets, test_mode=True))
test_dataloader = val_dataloader
del classes, train, test, fingers, from_tips, train_sets, test_sets, combined
