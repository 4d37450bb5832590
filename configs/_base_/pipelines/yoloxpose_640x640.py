# Whole images. The first stage pastes several into one; the second, of the last epochs, resizes and
# flips alone. The leaf says how long it lasts: `dict(_base_.stage2_hook, num_last_epochs=20)`.
input_size = (640, 640)
codec = dict(type='YOLOXPoseAnnotationProcessor', input_size=input_size)

load = dict(type='LoadImage', backend_args=None)
filter_and_pack = [
    dict(type='FilterAnnotations', by_kpt=True, by_box=True, keep_empty=False),
    dict(type='GenerateTarget', encoder=codec),
    dict(type='PackPoseInputs'),
]
train_pipeline = [
    load,
    dict(type='Mosaic', img_scale=input_size, pad_val=114.0, pre_transform=[load]),
    dict(
        type='BottomupRandomAffine',
        input_size=input_size,
        shift_factor=0.1,
        rotate_factor=10,
        scale_factor=(0.75, 1.0),
        pad_val=114,
        distribution='uniform',
        transform_mode='perspective',
        bbox_keep_corner=False,
        clip_border=True,
    ),
    dict(
        type='YOLOXMixUp',
        img_scale=input_size,
        ratio_range=(0.8, 1.6),
        pad_val=114.0,
        pre_transform=[load],
    ),
    dict(type='YOLOXHSVRandomAug'),
    dict(type='RandomFlip'),
    *filter_and_pack,
]
train_pipeline_stage2 = [
    dict(type='LoadImage'),
    dict(
        type='BottomupRandomAffine',
        input_size=input_size,
        shift_prob=0,
        rotate_prob=0,
        scale_prob=0,
        scale_type='long',
        pad_val=(114, 114, 114),
        bbox_keep_corner=False,
        clip_border=True,
    ),
    dict(type='YOLOXHSVRandomAug'),
    dict(type='RandomFlip'),
    *filter_and_pack,
]
stage2_hook = dict(
    type='YOLOXPoseModeSwitchHook',
    new_train_pipeline=train_pipeline_stage2,
    priority=48,
)
val_pipeline = [
    dict(type='LoadImage'),
    dict(type='BottomupResize', input_size=input_size, pad_val=(114, 114, 114)),
    dict(
        type='PackPoseInputs',
        meta_keys=(
            'id',
            'img_id',
            'img_path',
            'ori_shape',
            'img_shape',
            'input_size',
            'input_center',
            'input_scale',
        ),
    ),
]
del load, filter_and_pack
