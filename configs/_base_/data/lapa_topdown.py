# LaPa by instance: 106 keypoints.
_base_ = './face_topdown.py'

dataset_type = 'LapaDataset'
data_root = 'data/LaPa/'

train_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='annotations/lapa_train.json',
        data_prefix=dict(img=''),
    ),
)
val_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='annotations/lapa_val.json',
        data_prefix=dict(img=''),
    ),
)
test_dataloader = dict(
    dataset=dict(val_dataloader['dataset'], ann_file='annotations/lapa_test.json')
)
