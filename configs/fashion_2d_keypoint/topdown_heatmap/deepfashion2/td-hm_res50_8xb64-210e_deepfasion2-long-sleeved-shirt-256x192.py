_base_ = './td-hm_res50_6xb64-210e_deepfasion2-short-sleeved-shirt-256x192.py'
train_dataloader = dict(dataset=dict(ann_file='train/deepfashion2_long_sleeved_shirt_train.json'))
val_dataloader = dict(
    dataset=dict(ann_file='validation/deepfashion2_long_sleeved_shirt_validation.json')
)
test_dataloader = val_dataloader
auto_scale_lr = dict(base_batch_size=512)
