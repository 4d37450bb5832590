# WFLW by instance: 98 keypoints.
_base_ = './face_topdown.py'

dataset_type = 'WFLWDataset'
data_root = 'data/wflw/'

train_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='annotations/face_landmarks_wflw_train.json',
        data_prefix=dict(img='images/'),
    ),
)
val_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='annotations/face_landmarks_wflw_test.json',
        data_prefix=dict(img='images/'),
    ),
)
test_dataloader = val_dataloader
