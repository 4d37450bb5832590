# OneHand10K by instance: 21 keypoints.
_base_ = './topdown_pck-auc-epe.py'

dataset_type = 'OneHand10KDataset'
data_root = 'data/onehand10k/'

train_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='annotations/onehand10k_train.json',
        data_prefix=dict(img=''),
    ),
)
val_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='annotations/onehand10k_test.json',
        data_prefix=dict(img=''),
    ),
)
test_dataloader = val_dataloader
