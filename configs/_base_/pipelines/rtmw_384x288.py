# As for Halpe26, but fewer images lose a part, and in the second stage none does. The
# visibility of keypoints is decoded as well.
_base_ = './rtmpose-halpe26_384x288.py'
codec = dict(_base_.codec, decode_visibility=True)
blur_or_cut = _base_.train_pipeline_stage2[-3]
blur = dict(blur_or_cut, transforms=blur_or_cut.transforms[:2])
target = dict(_base_.train_pipeline[-2], encoder=codec)
train_pipeline, train_pipeline_stage2 = (
    [*pipeline[:-3], augment, target, pipeline[-1]]
    for pipeline, augment in (
        (_base_.train_pipeline, blur_or_cut),
        (_base_.train_pipeline_stage2, blur),
    )
)
stage2_hook = dict(switch_pipeline=train_pipeline_stage2)
del blur_or_cut, blur, target
