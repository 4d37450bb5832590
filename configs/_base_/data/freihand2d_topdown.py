# FreiHAND by instance: 21 keypoints.
_base_ = './topdown_pck-auc-epe.py'

dataset_type = 'FreiHandDataset'
data_root = 'data/freihand/'

train_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='annotations/freihand_train.json',
        data_prefix=dict(img=''),
    ),
)
val_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='annotations/freihand_val.json',
        data_prefix=dict(img=''),
    ),
)
test_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='annotations/freihand_test.json',
        data_prefix=dict(img=''),
    ),
)
