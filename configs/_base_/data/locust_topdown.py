# Desert locusts by instance: 35 keypoints.
_base_ = './topdown_pck-auc-epe.py'

dataset_type = 'LocustDataset'
data_root = 'data/locust/'

train_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='annotations/locust_train.json',
        data_prefix=dict(img='images/'),
    ),
)
val_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='annotations/locust_test.json',
        data_prefix=dict(img='images/'),
    ),
)
test_dataloader = val_dataloader
