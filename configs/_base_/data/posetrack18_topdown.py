# PoseTrack18 by instance: trained on ground-truth boxes, tested on detected ones.
_base_ = './posetrack18_topdown-gt.py'

val_dataloader = dict(
    dataset=dict(
        bbox_file=_base_.data_root + 'annotations/posetrack18_val_human_detections.json',
        filter_cfg=dict(bbox_score_thr=0.4),
    ),
)
test_dataloader = val_dataloader
