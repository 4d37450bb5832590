"""Which config stands for each family, and how small its input is."""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """How to train a config.

    Attributes:
        config: Its file, below the folder of its family.
        input_size: (w, h) in pixels; ``None`` where inputs are no pictures.
        lr: Factor on the config's learning rate.
        heatmap_size: (w, h) of the targets, if the config does not make any itself.
        frames: Length of tracks; ``None``: the config's.
    """

    config: str
    input_size: tuple[int, int] | None = None
    lr: float = 0.1
    heatmap_size: tuple[int, int] | None = None
    frames: int | None = None


PORTRAIT, SQUARE, SMALL = (96, 128), (96, 96), (64, 64)
CURVES: dict[str, Row] = {
    'animal_2d_keypoint/rtmpose': Row(
        'ap10k/rtmpose-m_8xb64-210e_ap10k-256x256.py', (128, 128), lr=0.005
    ),
    'animal_2d_keypoint/topdown_heatmap': Row(
        'zebra/td-hm_res50_8xb64-210e_zebra-160x160.py', SMALL
    ),
    'body_2d_keypoint/associative_embedding': Row(
        'coco/ae_hrnet-w32_8xb24-300e_coco-512x512.py', SMALL, lr=0.01, heatmap_size=(16, 16)
    ),
    'body_2d_keypoint/cid': Row('coco/cid_hrnet-w32_8xb20-140e_coco-512x512.py', SMALL, lr=0.005),
    'body_2d_keypoint/dekr': Row('coco/dekr_hrnet-w32_8xb10-140e_coco-512x512.py', SMALL, lr=0.01),
    'body_2d_keypoint/integral_regression': Row(
        'coco/ipr_res50_dsnt-8xb64-210e_coco-256x256.py', SMALL
    ),
    'body_2d_keypoint/rtmo': Row('body7/rtmo-t_8xb32-600e_body7-416x416.py', (160, 160), lr=5e-5),
    'body_2d_keypoint/rtmpose': Row('coco/rtmpose-t_8xb256-420e_coco-256x192.py', PORTRAIT),
    'body_2d_keypoint/simcc': Row(
        'coco/simcc_mobilenetv2_wo-deconv-8xb64-210e_coco-256x192.py', PORTRAIT
    ),
    'body_2d_keypoint/topdown_heatmap': Row(
        'coco/td-hm_mobilenetv2_8xb64-210e_coco-256x192.py', PORTRAIT
    ),
    'body_2d_keypoint/topdown_regression': Row(
        'coco/td-reg_mobilenetv2_rle-pretrained-8xb64-210e_coco-256x192.py', PORTRAIT, lr=0.03
    ),
    'body_2d_keypoint/yoloxpose': Row(
        'coco/yoloxpose_tiny_4xb64-300e_coco-416.py', (160, 160), lr=3e-4
    ),
    'body_3d_keypoint/image_pose_lift': Row('h36m/image-pose-lift_tcn_8xb64-200e_h36m.py'),
    'body_3d_keypoint/motionbert': Row(
        'h36m/motionbert_dstformer-243frm_8xb32-240e_h36m.py', frames=3
    ),
    'body_3d_keypoint/video_pose_lift': Row(
        'h36m/video-pose-lift_tcn-27frm-supv_8xb128-160e_h36m.py'
    ),
    'face_2d_keypoint/rtmpose': Row(
        'face6/rtmpose-t_8xb256-120e_face6-256x256.py', SQUARE, lr=0.03
    ),
    'face_2d_keypoint/topdown_heatmap': Row(
        'coco_wholebody_face/td-hm_mobilenetv2_8xb32-60e_coco-wholebody-face-256x256.py',
        SQUARE,
        lr=0.03,
    ),
    'face_2d_keypoint/topdown_regression': Row(
        'wflw/td-reg_res50_wingloss_8xb64-210e_wflw-256x256.py', SMALL
    ),
    'fashion_2d_keypoint/topdown_heatmap': Row(
        'deepfashion/td-hm_res50_8xb64-210e_deepfashion_upper-256x192.py', SMALL
    ),
    'hand_2d_keypoint/rtmpose': Row(
        'hand5/rtmpose-m_8xb256-210e_hand5-256x256.py', SQUARE, lr=0.03
    ),
    'hand_2d_keypoint/topdown_heatmap': Row(
        'onehand10k/td-hm_mobilenetv2_8xb64-210e_onehand10k-256x256.py', SQUARE, lr=0.03
    ),
    'hand_2d_keypoint/topdown_regression': Row(
        'rhd2d/td-reg_res50_8xb64-210e_rhd2d-256x256.py', SMALL
    ),
    'hand_3d_keypoint/internet': Row(
        'interhand3d/internet_res50_4xb16-20e_interhand3d-256x256.py', SMALL
    ),
    'wholebody_2d_keypoint/dwpose': Row(
        'ubody/s1_dis/dwpose_l_dis_t_coco-ubody-256x192.py', PORTRAIT
    ),
    'wholebody_2d_keypoint/rtmpose': Row(
        'ubody/rtmpose-t_8xb64-270e_coco-ubody-wholebody-256x192.py', PORTRAIT
    ),
    'wholebody_2d_keypoint/topdown_heatmap': Row(
        'coco-wholebody/td-hm_vipnas-mbv3_8xb64-210e_coco-wholebody-256x192.py', PORTRAIT, lr=0.01
    ),
}
WITHOUT_LOSS = {'body_2d_keypoint/edpose'}  # its head has none
