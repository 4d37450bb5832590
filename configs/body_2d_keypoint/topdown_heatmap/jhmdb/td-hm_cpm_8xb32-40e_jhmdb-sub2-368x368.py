_base_ = './td-hm_cpm_8xb32-40e_jhmdb-sub1-368x368.py'
train_dataloader = dict(dataset=dict(ann_file='annotations/Sub2_train.json'))
val_dataloader = dict(dataset=dict(ann_file='annotations/Sub2_test.json'))
test_dataloader = val_dataloader
