"""Channel attention by squeeze and excitation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mmcv.cnn import ConvModule
from torch import Tensor, nn

if TYPE_CHECKING:
    from mmpose.utils.typing import OptConfigType


class SELayer(nn.Module):
    """Feature maps whose channels are scaled by what the whole map shows.

    Paper: `Hu et al., 2018, Squeeze-and-Excitation Networks <https://arxiv.org/abs/1709.01507>`_.

    Args:
        channels: Channels of the input and of the output.
        ratio: How many times narrower the layer is inside.
        conv_cfg: Kind of convolution; ``None`` is ``nn.Conv2d``.
        act_cfg: Activations after the first and the second convolution; one dict stands for both.

    Raises:
        ValueError: ``channels`` is less than ``ratio``, or there are not two activations.
    """

    def __init__(
        self,
        channels: int,
        ratio: int = 16,
        conv_cfg: OptConfigType = None,
        act_cfg: dict | Sequence[dict] = (dict(type='ReLU'), dict(type='Sigmoid')),
    ) -> None:
        super().__init__()
        squeezed = int(channels / ratio)
        if squeezed < 1:
            raise ValueError(
                f'SELayer has {channels} channels and a ratio of {ratio}; the ratio can be at '
                'most the number of channels.'
            )
        act_cfgs = (act_cfg, act_cfg) if isinstance(act_cfg, dict) else tuple(act_cfg)
        if len(act_cfgs) != 2:
            raise ValueError(f'act_cfg has {len(act_cfgs)} entries; give one dict or two.')
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.conv1 = ConvModule(channels, squeezed, 1, conv_cfg=conv_cfg, act_cfg=act_cfgs[0])
        self.conv2 = ConvModule(squeezed, channels, 1, conv_cfg=conv_cfg, act_cfg=act_cfgs[1])

    def forward(self, x: Tensor) -> Tensor:
        """The scaled maps (B, C, H, W)."""
        return x * self.conv2(self.conv1(self.global_avgpool(x)))
