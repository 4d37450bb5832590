"""Multi-stage pose networks: several residual networks in a row, each upsampled again."""

from __future__ import annotations

import re
from collections import OrderedDict

from torch import Tensor

from mmpose.registry import MODELS

from .multi_stage import MultiStageNetwork
from .residual_blocks import Bottleneck


@MODELS.register_module()
class MSPN(MultiStageNetwork):
    """The maps of each unit of each stage of a multi-stage pose network.

    Paper: `Li et al., 2019, Rethinking on Multi-Stage Networks for Human Pose Estimation
    <https://arxiv.org/abs/1901.00148>`_.

    The arguments are those of :class:`MultiStageNetwork`. ``Pretrained`` in ``init_cfg`` takes the
    weights of a ResNet too: every stage starts from its layers. Those of ResNet-50 fit
    ``num_blocks=[3, 4, 6, 3]``.

    Example:
        >>> import torch
        >>> backbone = MSPN(unit_channels=16, num_stages=1, num_units=2, num_blocks=[1, 1])
        >>> [[tuple(x.shape) for x in stage] for stage in backbone(torch.zeros(1, 3, 64, 32))]
        [[(1, 16, 8, 4), (1, 16, 16, 8)]]
    """

    block = Bottleneck
    stages_name = 'multi_stage_mspn'

    def convert_pretrained(self, weights: OrderedDict[str, Tensor]) -> OrderedDict[str, Tensor]:
        """A ResNet's weights by our names, its layers once per stage; other names stay."""
        converted = OrderedDict()
        for name, value in weights.items():
            if name.startswith('layer'):
                name = name.replace('downsample.0', 'downsample.conv')
                name = name.replace('downsample.1', 'downsample.bn')
                for i in range(self.num_stages):
                    converted[f'{self.stages_name}.{i}.downsample.{name}'] = value
            else:
                converted[re.sub(r'^(conv|bn)1\.', r'top.top.0.\1.', name)] = value
        return converted
