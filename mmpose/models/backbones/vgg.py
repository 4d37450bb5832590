"""Plain networks of 3x3 convolutions."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

from mmcv.cnn import build_activation_layer, build_conv_layer, build_norm_layer
from torch import Tensor, nn
from torch.nn.functional import adaptive_avg_pool2d

from mmpose.registry import MODELS

from .base_backbone import BaseBackbone
from .utils import check_lengths, check_stages, pick_arch

if TYPE_CHECKING:
    from mmpose.utils.typing import OptConfigType, OptMultiConfig


@MODELS.register_module()
class VGG(BaseBackbone):
    """Feature maps of a VGG network, and its class scores where asked for.

    Paper: `Simonyan and Zisserman, 2015, Very Deep Convolutional Networks
    <https://arxiv.org/abs/1409.1556>`_. A stage ends with the pooling that halves its resolution.

    Args:
        depth: 11, 13, 16 or 19.
        num_classes: Number of classes to score; without a positive number there is no classifier.
        num_stages: Number of stages, 1 to 5.
        dilations: Dilation of each stage.
        out_indices: Stages, from 0, whose feature maps are returned. The classifier counts as the
            stage after the last; its scores are always returned. ``None`` for the scores alone, or
            else the last stage.
        frozen_stages: -1 or 0 for nothing, n for the first n stages.
        conv_cfg: Kind of convolution; ``None`` is ``nn.Conv2d``.
        norm_cfg: Kind of norm layer; ``None`` for none.
        act_cfg: Activation.
        norm_eval: Whether batch norm keeps its statistics in training.
        ceil_mode: Whether pooling rounds odd sizes up, not down.
        with_last_pool: Whether the last stage ends with pooling too.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.

    Attributes:
        arch_settings: Convolutions of each stage, by depth.

    Raises:
        ValueError: There is no such depth or stage, or ``dilations`` does not fit the stages.

    Example:
        >>> backbone = VGG(16, out_indices=(2, 4))
        >>> backbone.out_channels, backbone.out_strides
        ((256, 512), (8, 32))
    """

    arch_settings = {
        11: (1, 1, 2, 2, 2),
        13: (2, 2, 2, 2, 2),
        16: (2, 2, 3, 3, 3),
        19: (2, 2, 4, 4, 4),
    }

    def __init__(
        self,
        depth: int,
        num_classes: int = -1,
        num_stages: int = 5,
        dilations: Sequence[int] = (1, 1, 1, 1, 1),
        out_indices: Sequence[int] | None = None,
        frozen_stages: int = -1,
        conv_cfg: OptConfigType = None,
        norm_cfg: OptConfigType = None,
        act_cfg: dict = dict(type='ReLU'),
        norm_eval: bool = False,
        ceil_mode: bool = False,
        with_last_pool: bool = True,
        init_cfg: OptMultiConfig = [
            dict(type='Kaiming', layer=['Conv2d']),
            dict(type='Constant', val=1, layer=['_BatchNorm', 'GroupNorm']),
            dict(type='Normal', std=0.01, layer=['Linear']),
        ],
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        numbers = pick_arch(self, 'depth', depth, self.arch_settings)
        if not 1 <= num_stages <= len(numbers):
            raise ValueError(f'num_stages is {num_stages}; it must be 1 to {len(numbers)}.')
        check_lengths(self, num_stages, dilations=dilations)
        with_classifier = num_classes > 0
        if out_indices is None:
            out_indices = (num_stages,) if with_classifier else (num_stages - 1,)
        check_stages(self, num_stages + with_classifier, out_indices, frozen_stages)
        self.depth = depth
        self.num_classes = num_classes
        self.out_indices = tuple(sorted(set(out_indices)))
        self.frozen_stages = frozen_stages
        self.norm_eval = norm_eval

        cfgs = dict(conv_cfg=conv_cfg, norm_cfg=norm_cfg, act_cfg=act_cfg)
        widths = [min(64 * 2**i, 512) for i in range(num_stages)]
        pools = [with_last_pool or i < num_stages - 1 for i in range(num_stages)]
        layers, in_channels = [], 3
        self.stage_ends = []
        for i, width in enumerate(widths):
            for _ in range(numbers[i]):
                layers.append(_make_conv(in_channels, width, dilations[i], **cfgs))
                in_channels = width
            if pools[i]:
                layers.append(nn.MaxPool2d(2, stride=2, ceil_mode=ceil_mode))
            self.stage_ends.append(len(layers))
        self.features = nn.Sequential(*layers)
        if not ceil_mode:
            self.least_size = 2 ** sum(pools)

        if with_classifier:
            self.classifier = nn.Sequential(
                nn.Linear(in_channels * 7 * 7, 4096),
                nn.ReLU(inplace=True),
                nn.Dropout(),
                nn.Linear(4096, 4096),
                nn.ReLU(inplace=True),
                nn.Dropout(),
                nn.Linear(4096, num_classes),
            )
        else:
            strides = [2**n for n in accumulate(pools)]
            self.out_channels = tuple(widths[i] for i in self.out_indices)
            self.out_strides = tuple(strides[i] for i in self.out_indices)
        self.freeze_stages()

    def stages_to_freeze(self) -> list[nn.Module]:
        """The layers of the first ``frozen_stages`` stages; the classifier is one more."""
        if self.frozen_stages > len(self.stage_ends):
            return [self.features, self.classifier]
        end = self.stage_ends[self.frozen_stages - 1] if self.frozen_stages > 0 else 0
        return list(self.features[:end])

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """The feature maps of pictures (B, 3, H, W), then the scores (B, ``num_classes``).

        Raises:
            ValueError: The picture is too small to be halved so often.
        """
        self.check_picture_size(x)
        ends = [end for i, end in enumerate(self.stage_ends) if i in self.out_indices]
        outputs = []
        for n, layer in enumerate(self.features, start=1):
            x = layer(x)
            if n in ends:
                outputs.append(x)
        if self.num_classes > 0:
            # 7x7 cells already where the sides are 224 pixels, as in the paper
            outputs.append(self.classifier(adaptive_avg_pool2d(x, 7).flatten(1)))
        return tuple(outputs)


def _make_conv(
    in_channels: int,
    out_channels: int,
    dilation: int,
    conv_cfg: OptConfigType,
    norm_cfg: OptConfigType,
    act_cfg: dict,
) -> nn.Sequential:
    """A 3x3 convolution, a norm layer where there is one, and an activation."""
    # no ConvModule, because the published weights have a bias before the norm layer, too, and
    # it would warn of that
    layers = OrderedDict(
        conv=build_conv_layer(
            conv_cfg, in_channels, out_channels, 3, padding=dilation, dilation=dilation
        )
    )
    if norm_cfg is not None:
        name, norm = build_norm_layer(norm_cfg, out_channels)
        layers[name] = norm
    layers['activate'] = build_activation_layer(dict(dict(inplace=True), **act_cfg))
    return nn.Sequential(layers)
