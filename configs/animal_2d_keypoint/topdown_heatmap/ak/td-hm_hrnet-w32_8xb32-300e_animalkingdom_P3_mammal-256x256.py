_base_ = './td-hm_hrnet-w32_8xb32-300e_animalkingdom_P1-256x256.py'
train_dataloader = dict(dataset=dict(ann_file='annotations/ak_P3_mammal/train.json'))
val_dataloader = dict(dataset=dict(ann_file='annotations/ak_P3_mammal/test.json'))
test_dataloader = val_dataloader
