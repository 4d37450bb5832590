# DeepFashion's landmarks by instance: clothes of the full body, 8 keypoints.
_base_ = './fashion_topdown.py'

dataset_type = 'DeepFashionDataset'
data_root = 'data/fld/'

train_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        subset='full',
        ann_file='annotations/fld_full_train.json',
        data_prefix=dict(img='img/'),
    ),
)
val_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        subset='full',
        ann_file='annotations/fld_full_val.json',
        data_prefix=dict(img='img/'),
    ),
)
test_dataloader = dict(
    dataset=dict(val_dataloader['dataset'], ann_file='annotations/fld_full_test.json'),
)
