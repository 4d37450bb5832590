# ruff: noqa: F403, F405, N812
# Parts named by importing them, with bases under `read_base`.
import os

from mmengine.config import read_base

with read_base():
    from mmpose.configs._base_.default_runtime import *

    from ._base_.schedule import *

from mmengine.dataset import DefaultSampler
from mmpretrain.models import MobileNetV2

import mmpose.datasets.transforms as T
from mmpose.codecs import MSRAHeatmap
from mmpose.datasets import CocoDataset
from mmpose.evaluation import CocoMetric
from mmpose.models import (
    HeatmapHead,
    KeypointMSELoss,
    PoseDataPreprocessor,
    ResNet,
    TopdownPoseEstimator,
)

train_cfg.update(max_epochs=1)
codec = dict(type=MSRAHeatmap, input_size=(64, 64), heatmap_size=(16, 16), sigma=2)
model = dict(
    type=TopdownPoseEstimator,
    data_preprocessor=dict(type=PoseDataPreprocessor, mean=[0.0], std=[255.0]),
    backbone=dict(type=ResNet, depth=18, stem_channels=8, base_channels=8),
    head=dict(
        type=HeatmapHead,
        in_channels=64,
        out_channels=17,
        deconv_out_channels=(8, 8, 8),
        loss=dict(type=KeypointMSELoss, use_target_weight=True),
        decoder=codec,
    ),
    test_cfg=dict(flip_test=False),
)
unused = dict(type=MobileNetV2)

data_root = os.environ.get('PEOPLE', 'data/people/')
steps = [dict(type=T.LoadImage), dict(type=T.GetBBoxCenterScale)]
crop = dict(type=T.TopdownAffine, input_size=codec['input_size'])
pack = dict(type=T.PackPoseInputs)
dataset = dict(
    type=CocoDataset,
    data_root=data_root,
    ann_file='annotations/train.json',
    data_prefix=dict(img='train/'),
)
train_dataloader = dict(
    batch_size=4,
    num_workers=0,
    sampler=dict(type=DefaultSampler, shuffle=True),
    dataset=dict(
        **dataset, pipeline=[*steps, crop, dict(type=T.GenerateTarget, encoder=codec), pack]
    ),
)
val_dataloader = dict(
    batch_size=4,
    num_workers=0,
    sampler=dict(type=DefaultSampler, shuffle=False, round_up=False),
    dataset=dict(**dataset, test_mode=True, pipeline=[*steps, crop, pack]),
)
test_dataloader = val_dataloader
val_evaluator = dict(type=CocoMetric, ann_file=data_root + 'annotations/train.json')
test_evaluator = val_evaluator
