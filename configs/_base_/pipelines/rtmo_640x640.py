# As for YOLOX-Pose, with a mask of the people without keypoints in the second stage.
_base_ = './yoloxpose_640x640.py'
train_pipeline_stage2 = [
    *_base_.train_pipeline_stage2[:4],
    dict(type='BottomupGetHeatmapMask', get_invalid=True),
    *_base_.train_pipeline_stage2[4:],
]
stage2_hook = dict(new_train_pipeline=train_pipeline_stage2)
