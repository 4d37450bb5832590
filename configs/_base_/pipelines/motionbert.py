# Clips of 243 frames, all of which are lifted; in training they overlap by two thirds. The scale of
# targets differs between training and test, and so do the codecs. `train_clips` and `val_clips`
# belong in the data sets.
cameras = 'annotation_body3d/cameras.pkl'
train_clips = dict(
    seq_len=1, multiple_target=243, multiple_target_step=81, camera_param_file=cameras
)
val_clips = dict(seq_len=1, seq_step=1, multiple_target=243, camera_param_file=cameras)
train_codec = dict(type='MotionBERTLabel', num_keypoints=17, concat_vis=True, mode='train')
val_codec = dict(type='MotionBERTLabel', num_keypoints=17, concat_vis=True, rootrel=True)

flip = dict(center_mode='static', center_x=0.0)
pack = dict(
    type='PackPoseInputs',
    meta_keys=('id', 'category_id', 'target_img_path', 'flip_indices', 'factor', 'camera_param'),
)
train_pipeline = [
    dict(type='GenerateTarget', encoder=train_codec),
    dict(
        type='RandomFlipAroundRoot',
        keypoints_flip_cfg=flip,
        target_flip_cfg=flip,
        flip_label=True,
    ),
    pack,
]
val_pipeline = [dict(type='GenerateTarget', encoder=val_codec), pack]
del cameras, flip, pack
