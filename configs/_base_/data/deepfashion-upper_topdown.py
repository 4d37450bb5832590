# DeepFashion's landmarks by instance: clothes of the upper body, 6 keypoints.
_base_ = './deepfashion-full_topdown.py'

train_dataloader = dict(
    dataset=dict(subset='upper', ann_file='annotations/fld_upper_train.json'),
)
val_dataloader = dict(
    dataset=dict(subset='upper', ann_file='annotations/fld_upper_val.json'),
)
test_dataloader = dict(
    dataset=dict(subset='upper', ann_file='annotations/fld_upper_test.json'),
)
