# As for Halpe26, but fewer images lose a part, and in the second stage none does.
_base_ = './rtmpose-halpe26_256x192.py'
blur_or_cut = _base_.train_pipeline_stage2[-3]
blur = dict(blur_or_cut, transforms=blur_or_cut.transforms[:2])
train_pipeline = [*_base_.train_pipeline[:-3], blur_or_cut, *_base_.train_pipeline[-2:]]
train_pipeline_stage2 = [
    *_base_.train_pipeline_stage2[:-3],
    blur,
    *_base_.train_pipeline_stage2[-2:],
]
stage2_hook = dict(switch_pipeline=train_pipeline_stage2)
del blur_or_cut, blur
