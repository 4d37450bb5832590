_base_ = '../onehand10k/td-reg_res50_8xb64-210e_onehand10k-256x256.py'
rhd = dict(type='Rhd2DDataset', data_root='data/rhd/')
train_dataloader = dict(dataset=dict(rhd, ann_file='annotations/rhd_train.json'))
val_dataloader = dict(dataset=dict(rhd, ann_file='annotations/rhd_test.json'))
test_dataloader = val_dataloader
