# Poses of 27 frames around the one that is lifted; frames beyond the ends repeat the last ones.
# `sequence` belongs in the data sets.
sequence = dict(
    seq_len=27,
    causal=False,
    pad_video_seq=True,
    camera_param_file='annotation_body3d/cameras.pkl',
)
codec = dict(
    type='VideoPoseLifting',
    num_keypoints=17,
    zero_center=True,
    root_index=0,
    remove_root=False,
)

val_pipeline = [
    dict(type='GenerateTarget', encoder=codec),
    dict(
        type='PackPoseInputs',
        meta_keys=('id', 'category_id', 'target_img_path', 'flip_indices', 'target_root'),
    ),
]
train_pipeline = [
    dict(type='RandomFlipAroundRoot', keypoints_flip_cfg=dict(), target_flip_cfg=dict()),
    *val_pipeline,
]
