# 300W-LP by instance: faces of 300W, turned to large poses.
_base_ = './face_topdown.py'

dataset_type = 'Face300WLPDataset'
data_root = 'data/300wlp/'

train_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='annotations/face_landmarks_300wlp_train.json',
        data_prefix=dict(img='train/'),
    ),
)
val_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='annotations/face_landmarks_300wlp_valid.json',
        data_prefix=dict(img='val/'),
    ),
)
test_dataloader = val_dataloader
