# Fourteen data sets of whole bodies, bodies, faces and hands by instance, with the keypoints of
# COCO-WholeBody; tested on detected boxes of COCO-WholeBody.
_base_ = ['./coco-wholebody_topdown.py', './to-wholebody.py', './ubody-scenes.py']

combined = dict(
    type='CombinedDataset',
    metainfo=dict(from_file='configs/_base_/datasets/coco_wholebody.py'),
    test_mode=False,
)
files = dict(data_root='data/', data_mode='topdown')

ubody = [
    dict(
        type='UBody2dDataset',
        **files,
        ann_file=f'Ubody/annotations/{scene}/train_annotations.json',
        data_prefix=dict(img='pose/UBody/images/'),
        sample_interval=10,
        pipeline=[],
    )
    for scene in _base_.ubody_scenes
]
whole_bodies = [
    dict(_base_.body_train.coco_wholebody, **files, pipeline=[]),
    dict(_base_.body_train.halpe, **files, pipeline=[_base_.to_wholebody.halpe133]),
    dict(
        combined,
        metainfo=dict(from_file='configs/_base_/datasets/ubody2d.py'),
        datasets=ubody,
        pipeline=[],
    ),
]
bodies = [
    *(
        dict(_base_.body_train[name], **files, pipeline=[_base_.to_wholebody[name]])
        for name in ('aic', 'crowdpose', 'mpii', 'jhmdb', 'posetrack18')
    ),
    dict(
        type='HumanArt21Dataset',
        **files,
        ann_file='HumanArt/annotations/training_humanart.json',
        data_prefix=dict(img='pose/'),
        filter_cfg=dict(scenes=['real_human']),
        pipeline=[_base_.to_wholebody.humanart21],
    ),
]

# Boxes of parts grow, so that a part is seen from as far as on a whole body.
load_image = dict(type='LoadImage', backend_args=dict(backend='local'))
enlarge = dict(
    type='RandomBBoxTransform', shift_factor=0.0, scale_factor=(1.5, 2.0), rotate_factor=0
)
faces = [
    dict(
        type=f'{dataset}Dataset',
        **files,
        ann_file=annotations,
        data_prefix=dict(img='pose/' + images),
        pipeline=[
            _base_.to_wholebody[name],
            load_image,
            dict(type='GetBBoxCenterScale', padding=1.25),
            enlarge,
        ],
    )
    for name, dataset, annotations, images in (
        ('wflw', 'WFLW', 'wflw/annotations/face_landmarks_wflw_train.json', 'WFLW/images/'),
        ('300w', 'Face300W', '300w/annotations/face_landmarks_300w_train.json', '300w/images/'),
        ('cofw', 'COFW', 'cofw/annotations/cofw_train.json', 'COFW/images/'),
        ('lapa', 'Lapa', 'LaPa/annotations/lapa_trainval.json', 'LaPa/'),
    )
]
interhand = 'interhand26m/annotations/all/InterHand2.6M_train_'
hands = [
    dict(
        type='InterHand2DDoubleDataset',
        **files,
        ann_file=interhand + 'data.json',
        camera_param_file=interhand + 'camera.json',
        joint_file=interhand + 'joint_3d.json',
        data_prefix=dict(img='interhand2.6m/images/train/'),
        sample_interval=10,
        pipeline=[
            _base_.to_wholebody.interhand,
            load_image,
            dict(type='GetBBoxCenterScale'),
            enlarge,
        ],
    )
]

train_dataloader = dict(
    num_workers=4,
    pin_memory=False,
    dataset=dict(
        combined,
        _delete_=True,
        datasets=[
            dict(combined, datasets=datasets, pipeline=[])
            for datasets in (whole_bodies, bodies, faces, hands)
        ],
    ),
)
val_dataloader = dict(
    num_workers=4,
    dataset=dict(
        _delete_=True,
        type=_base_.dataset_type,
        ann_file='data/coco/annotations/coco_wholebody_val_v1.0.json',
        bbox_file=_base_.val_dataloader.dataset.bbox_file,
        data_prefix=dict(img='data/detection/coco/val2017/'),
        test_mode=True,
    ),
)
test_dataloader = val_dataloader

default_hooks = dict(checkpoint=dict(max_keep_ckpts=1))
del combined, files, ubody, whole_bodies, bodies, load_image, enlarge, faces, interhand, hands
