_base_ = './td-hm_res50-2deconv_8xb64-40e_jhmdb-sub1-256x256.py'
train_dataloader = dict(dataset=dict(ann_file='annotations/Sub3_train.json'))
val_dataloader = dict(dataset=dict(ann_file='annotations/Sub3_test.json'))
test_dataloader = val_dataloader
