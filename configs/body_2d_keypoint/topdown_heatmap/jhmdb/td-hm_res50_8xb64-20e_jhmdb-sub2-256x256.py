_base_ = './td-hm_res50_8xb64-20e_jhmdb-sub1-256x256.py'
train_dataloader = dict(dataset=dict(ann_file='annotations/Sub2_train.json'))
val_dataloader = dict(dataset=dict(ann_file='annotations/Sub2_test.json'))
test_dataloader = val_dataloader
