"""A project's own parts, written for 1.x."""

import torch
from torch import nn

from mmpose.codecs import MSRAHeatmap  # noqa: F401 - 1.x projects import what they may need
from mmpose.datasets.datasets.base import BaseCocoStyleDataset
from mmpose.models.heads import BaseHead, HeatmapHead
from mmpose.models.utils.tta import flip_heatmaps
from mmpose.registry import DATASETS, HOOKS, KEYPOINT_CODECS, METRICS, MODELS, TRANSFORMS
from mmpose.utils.tensor_utils import to_numpy
from mmpose.utils.typing import ConfigType  # noqa: F401

REGISTRIES = (DATASETS, HOOKS, KEYPOINT_CODECS, METRICS, MODELS, TRANSFORMS)


@DATASETS.register_module()
class MyPeopleDataset(BaseCocoStyleDataset):
    METAINFO: dict = dict(from_file='configs/_base_/datasets/coco.py')


@MODELS.register_module()
class TinyHead(BaseHead):
    def __init__(self, in_channels, out_channels, loss, decoder=None, init_cfg=None, **kwargs):
        super().__init__(init_cfg or self.default_init_cfg)
        self.out_channels = out_channels
        self.loss_module = MODELS.build(loss)
        self.decoder = KEYPOINT_CODECS.build(decoder)
        self.up = nn.ConvTranspose2d(in_channels, out_channels, 8, 8)

    @property
    def default_init_cfg(self):
        return [dict(type='Normal', layer='ConvTranspose2d', std=0.001)]

    def forward(self, feats):
        return self.up(feats[-1])

    def predict(self, feats, batch_data_samples, test_cfg={}):
        plain, flipped = feats
        indices = batch_data_samples[0].metainfo['flip_indices']
        flipped = flip_heatmaps(self(flipped), flip_mode='heatmap', flip_indices=indices)
        return self.decode((self(plain) + flipped) * 0.5)

    def loss(self, feats, batch_data_samples, train_cfg={}):
        heatmaps = torch.stack([d.gt_fields.heatmaps for d in batch_data_samples])
        weights = torch.cat([d.gt_instance_labels.keypoint_weights for d in batch_data_samples])
        assert to_numpy(weights).ndim == 2
        return dict(loss_kpt=self.loss_module(self(feats), heatmaps, weights))


@MODELS.register_module()
class WideHead(HeatmapHead):
    def __init__(self, width, **kwargs):
        super().__init__(deconv_out_channels=(width,) * 3, **kwargs)
