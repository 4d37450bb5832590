_base_ = '../coco/rtmpose-m_8xb256-420e_coco-256x192.py'
model = _base_.rtmpose.aic_coco_old_url.m

humanart = dict(type='HumanArtDataset', data_root='data/', data_prefix=dict(img=''))
train_dataloader = dict(
    dataset=dict(humanart, ann_file='HumanArt/annotations/training_humanart_coco.json')
)
val_dataloader = dict(
    dataset=dict(humanart, ann_file='HumanArt/annotations/validation_humanart.json')
)
test_dataloader = val_dataloader
val_evaluator = dict(ann_file='data/HumanArt/annotations/validation_humanart.json')
test_evaluator = val_evaluator
