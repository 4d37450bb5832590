# Faces of COCO-WholeBody by instance: 68 keypoints.
_base_ = './face_topdown.py'

dataset_type = 'CocoWholeBodyFaceDataset'
data_root = 'data/coco/'

train_dataloader = dict(
    batch_size=32,
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='annotations/coco_wholebody_train_v1.0.json',
        data_prefix=dict(img='train2017/'),
    ),
)
val_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='annotations/coco_wholebody_val_v1.0.json',
        data_prefix=dict(img='val2017/'),
    ),
)
test_dataloader = val_dataloader
