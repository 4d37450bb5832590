# COFW by instance: occluded faces, 29 keypoints.
_base_ = './face_topdown.py'

dataset_type = 'COFWDataset'
data_root = 'data/cofw/'

train_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='annotations/cofw_train.json',
        data_prefix=dict(img='images/'),
    ),
)
val_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='annotations/cofw_test.json',
        data_prefix=dict(img='images/'),
    ),
)
test_dataloader = val_dataloader
