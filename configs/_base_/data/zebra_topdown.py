# Grevy's zebras by instance: 9 keypoints.
_base_ = './topdown_pck-auc-epe.py'

dataset_type = 'ZebraDataset'
data_root = 'data/zebra/'

train_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='annotations/zebra_train.json',
        data_prefix=dict(img='images/'),
    ),
)
val_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='annotations/zebra_test.json',
        data_prefix=dict(img='images/'),
    ),
)
test_dataloader = val_dataloader
