_base_ = './yoloxpose_s_8xb32-300e_coco-640.py'

resize = dict(_base_.model.data_preprocessor.batch_augments[0], random_size_range=(320, 640))
model = dict(_base_.yoloxpose.tiny, data_preprocessor=dict(batch_augments=[resize]))

train_pipeline = [
    *(step for step in _base_.train_pipeline[:-1] if step['type'] != 'YOLOXMixUp'),
    dict(
        type='PackPoseInputs',
        extra_mapping_labels=dict(
            bbox='bboxes',
            bbox_labels='labels',
            keypoints='keypoints',
            keypoints_visible='keypoints_visible',
            area='areas',
        ),
    ),
]
val_pipeline = [
    _base_.val_pipeline[0],
    dict(_base_.val_pipeline[1], input_size=(416, 416)),
    _base_.val_pipeline[2],
]
train_dataloader = dict(batch_size=64, dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=val_pipeline))
test_dataloader = val_dataloader
