# Rendered hands (RHD) by instance: 21 keypoints.
_base_ = './topdown_pck-auc-epe.py'

dataset_type = 'Rhd2DDataset'
data_root = 'data/rhd/'

train_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='annotations/rhd_train.json',
        data_prefix=dict(img=''),
    ),
)
val_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='annotations/rhd_test.json',
        data_prefix=dict(img=''),
    ),
)
test_dataloader = val_dataloader
