# Seven data sets of bodies by image as one training set, to take the place of a loader's data set;
# COCO in full and a share of each of the others make an epoch. The keypoints are COCO's.
_base_ = './body-sets.py'
body7_sets = {
    name: dict(body_set, data_mode='bottomup')
    for name, body_set in _base_.body_train.items()
    if name != 'coco_wholebody'
}
body7_sets['coco']['data_prefix'] = dict(img='coco/train2017/')

body7 = dict(
    _delete_=True,
    type='CombinedDataset',
    metainfo=dict(from_file='configs/_base_/datasets/coco.py'),
    datasets=[
        dict(body_set, pipeline=[_base_.to_coco[name]]) for name, body_set in body7_sets.items()
    ],
    sample_ratio_factor=[1, 0.3, 0.5, 0.3, 0.3, 0.4, 0.3],
    test_mode=False,
)
