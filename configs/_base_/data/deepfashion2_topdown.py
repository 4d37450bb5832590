# DeepFashion2 by instance: one kind of garment, here short-sleeved shirts. The folder is spelt as
# published.
_base_ = './fashion_topdown.py'

dataset_type = 'DeepFashion2Dataset'
data_root = 'data/deepfasion2/'

train_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='train/deepfashion2_short_sleeved_shirt_train.json',
        data_prefix=dict(img='train/image/'),
    ),
)
val_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='validation/deepfashion2_short_sleeved_shirt_validation.json',
        data_prefix=dict(img='validation/image/'),
    ),
)
test_dataloader = val_dataloader
