# COCO 2017 by image, for models that find the keypoints of all people and tell them apart.
_base_ = './coco_topdown-gt.py'

data_mode = 'bottomup'

train_dataloader = dict(dataset=dict(data_mode=data_mode))
val_dataloader = dict(batch_size=1, num_workers=1, dataset=dict(data_mode=data_mode))
test_dataloader = val_dataloader

val_evaluator = dict(score_mode='keypoint', nms_mode='none')
test_evaluator = val_evaluator
