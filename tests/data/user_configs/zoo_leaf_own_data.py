# The most common config of all: a config of the zoo, other data.
_base_ = ['mmpose::body_2d_keypoint/topdown_heatmap/coco/td-hm_res50_8xb64-210e_coco-256x192.py']

data_root = '{{$PEOPLE:data/people/}}'
ann_file = 'annotations/train.json'
own = dict(data_root=data_root, ann_file=ann_file, data_prefix=dict(img='train/'), bbox_file=None)
train_dataloader = dict(batch_size=2, num_workers=0, persistent_workers=False, dataset=dict(**own))
val_dataloader = dict(batch_size=2, num_workers=0, persistent_workers=False, dataset=dict(**own))
test_dataloader = val_dataloader
val_evaluator = dict(ann_file=data_root + ann_file)
test_evaluator = val_evaluator
model = dict(backbone=dict(init_cfg=None))
train_cfg = dict(max_epochs=1)
load_from = None
