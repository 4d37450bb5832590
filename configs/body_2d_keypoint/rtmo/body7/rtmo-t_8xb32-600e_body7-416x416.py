_base_ = './rtmo-s_8xb32-600e_body7-640x640.py'

input_size = (416, 416)
codec = dict(_base_.codec, input_size=input_size)
resized = dict(
    Mosaic=dict(img_scale=input_size),
    BottomupRandomAffine=dict(input_size=input_size),
    GenerateTarget=dict(encoder=codec),
    BottomupResize=dict(input_size=input_size),
)
train_pipeline, train_pipeline_stage2, val_pipeline = (
    [
        dict(step, **resized.get(step['type'], {}))
        for step in pipeline
        if step['type'] != 'YOLOXMixUp'
    ]
    for pipeline in (
        _base_.train_pipeline,
        _base_.custom_hooks[0].new_train_pipeline,
        _base_.val_pipeline,
    )
)

resize = dict(_base_.model.data_preprocessor.batch_augments[0], random_size_range=(320, 640))
model = dict(
    _base_.rtmo.tiny,
    data_preprocessor=dict(batch_augments=[resize]),
    test_cfg=dict(input_size=input_size),
)
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=val_pipeline))
test_dataloader = val_dataloader
stage2_hook = dict(_base_.custom_hooks[0], new_train_pipeline=train_pipeline_stage2)
custom_hooks = [stage2_hook, *_base_.custom_hooks[1:]]
