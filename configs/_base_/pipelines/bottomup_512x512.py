# Whole images for testing: the shorter side is 512 pixels, the longer one a multiple of 64.
val_pipeline = [
    dict(type='LoadImage'),
    dict(type='BottomupResize', input_size=(512, 512), size_factor=64, resize_mode='expand'),
    dict(
        type='PackPoseInputs',
        meta_keys=(
            'id',
            'img_id',
            'img_path',
            'crowd_index',
            'ori_shape',
            'img_shape',
            'input_size',
            'input_center',
            'input_scale',
            'flip',
            'flip_direction',
            'flip_indices',
            'raw_ann_info',
            'skeleton_links',
        ),
    ),
]
