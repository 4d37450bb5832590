"""Published configs of 3D models, made small."""

from mmpose.utils.config_reading import read_config
from mmpose.utils.resources import resource_path

H36M = 'configs/body_3d_keypoint'
VIDEO = f'{H36M}/video_pose_lift/h36m/video-pose-lift_tcn-27frm-supv_8xb128-160e_h36m.py'
SINGLE = f'{H36M}/video_pose_lift/h36m/video-pose-lift_tcn-1frm-supv-cpn-ft_8xb128-160e_h36m.py'
IMAGE = f'{H36M}/image_pose_lift/h36m/image-pose-lift_tcn_8xb64-200e_h36m.py'
MOTION = f'{H36M}/motionbert/h36m/motionbert_dstformer-243frm_8xb32-240e_h36m.py'
SMALL_TCN = {'model.backbone.stem_channels': 16, 'model.head.in_channels': 16}
SMALL = {
    VIDEO: SMALL_TCN,
    SINGLE: SMALL_TCN,
    IMAGE: SMALL_TCN,
    MOTION: {
        'model.backbone.feat_size': 16,
        'model.backbone.depth': 1,
        'model.backbone.num_heads': 2,
        'model.backbone.seq_len': 18,
        'model.head.in_channels': 16,
        'model.head.embedding_size': 16,
        'test_dataloader.dataset.multiple_target': 18,
    },
}
INTERNET = (
    'configs/hand_3d_keypoint/internet/interhand3d/internet_res50_4xb16-20e_interhand3d-256x256.py'
)
_SMALL_HEAD = dict(in_channels=64)
SMALL[INTERNET] = {
    'model.backbone': dict(depth=18, stem_channels=8, base_channels=8, init_cfg=None),
    'model.head': dict(
        keypoint_head_cfg=dict(_SMALL_HEAD, deconv_out_channels=(8, 8, 8)),
        root_head_cfg=dict(_SMALL_HEAD, hidden_dims=(8,)),
        hand_type_head_cfg=dict(_SMALL_HEAD, hidden_dims=(8,)),
    ),
}


def small_config(path):
    """The config, with fewer channels and layers."""
    config = read_config(resource_path(path))
    config.merge_from_dict(SMALL[path])
    return config
