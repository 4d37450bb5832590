# Associative embedding: HRNet-W32; heatmaps, and tags that tell whose keypoint it is. The leaf adds
# the head's decoder.
_base_ = './td-hm_hrnet-w32.py'

model = dict(
    type='BottomupPoseEstimator',
    head=dict(
        _delete_=True,
        type='AssociativeEmbeddingHead',
        in_channels=32,
        num_keypoints=17,
        tag_dim=1,
        tag_per_keypoint=True,
        deconv_out_channels=None,
        keypoint_loss=dict(type='KeypointMSELoss', use_target_weight=True),
        tag_loss=dict(type='AssociativeEmbeddingLoss', loss_weight=0.001),
    ),
    test_cfg=dict(
        _delete_=True,
        multiscale_test=False,
        flip_test=True,
        shift_heatmap=False,
        restore_heatmap_size=True,
        align_corners=False,
    ),
)
