_base_ = './rtmpose_256x192.py'
codec = dict(_base_.codec, input_size=(288, 384), sigma=(6.0, 6.93))
head_input = dict(input_size=codec['input_size'], in_featuremap_size=(9, 12), decoder=codec)
resized = dict(
    TopdownAffine=dict(input_size=codec['input_size']),
    GenerateTarget=dict(encoder=codec),
)
train_pipeline, train_pipeline_stage2, val_pipeline = (
    [dict(step, **resized.get(step['type'], {})) for step in pipeline]
    for pipeline in (_base_.train_pipeline, _base_.train_pipeline_stage2, _base_.val_pipeline)
)
stage2_hook = dict(switch_pipeline=train_pipeline_stage2)
del resized
