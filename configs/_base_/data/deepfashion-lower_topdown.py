# DeepFashion's landmarks by instance: clothes of the lower body, 4 keypoints.
_base_ = './deepfashion-full_topdown.py'

train_dataloader = dict(
    dataset=dict(subset='lower', ann_file='annotations/fld_lower_train.json'),
)
val_dataloader = dict(
    dataset=dict(subset='lower', ann_file='annotations/fld_lower_val.json'),
)
test_dataloader = dict(
    dataset=dict(subset='lower', ann_file='annotations/fld_lower_test.json'),
)
