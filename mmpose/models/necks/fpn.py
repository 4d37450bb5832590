"""Feature pyramid networks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mmcv.cnn import ConvModule
from mmengine.model import xavier_init
from torch import Tensor, nn
from torch.nn.functional import interpolate, max_pool2d, relu

from mmpose.registry import MODELS

from .feature_maps import check_number_of_maps

if TYPE_CHECKING:
    from mmpose.utils.typing import ConfigType, OptConfigType

_EXTRA_SOURCES = ('on_input', 'on_lateral', 'on_output')


@MODELS.register_module()
class FPN(nn.Module):
    """Feature maps of equal depth that carry what the coarser ones know down to the finer ones.

    `Lin et al., CVPR 2017 <https://arxiv.org/abs/1612.03144>`_.

    Args:
        in_channels: Channels of each feature map, from the finest to the coarsest.
        out_channels: Channels of the maps that come out.
        num_outs: Number of maps that come out.
        start_level: The first map that is used.
        end_level: The last map that is used; -1 for the last one there is.
        add_extra_convs: What the maps beyond those used are made from, by convolutions of stride
            2: the last map that goes in (``'on_input'``, or ``True``), its projection
            (``'on_lateral'``) or the last map that comes out (``'on_output'``). ``False`` skips
            every other cell of the map before instead.
        relu_before_extra_convs: Whether to set negative values to 0 before these convolutions,
            except the first.
        no_norm_on_lateral: Whether the projections go without norm layers.
        conv_cfg: Kind of convolution.
        norm_cfg: Norm layers; ``None`` for none.
        act_cfg: Activation; ``None`` for none.
        upsample_cfg: How coarser maps are enlarged, as for
            :func:`torch.nn.functional.interpolate`; without ``scale_factor`` to the size of the
            finer map.

    Raises:
        ValueError: The levels do not exist or do not suit ``num_outs``, or ``add_extra_convs`` is
            unknown.
    """

    def __init__(
        self,
        in_channels: Sequence[int],
        out_channels: int,
        num_outs: int,
        start_level: int = 0,
        end_level: int = -1,
        add_extra_convs: bool | str = False,
        relu_before_extra_convs: bool = False,
        no_norm_on_lateral: bool = False,
        conv_cfg: OptConfigType = None,
        norm_cfg: OptConfigType = None,
        act_cfg: OptConfigType = None,
        upsample_cfg: ConfigType = dict(mode='nearest'),
    ) -> None:
        super().__init__()
        if add_extra_convs is True:
            add_extra_convs = 'on_input'
        if add_extra_convs and add_extra_convs not in _EXTRA_SOURCES:
            raise ValueError(
                f'add_extra_convs is {add_extra_convs!r}; choose a bool or one of {_EXTRA_SOURCES}.'
            )
        used = self._used_levels(in_channels, num_outs, start_level, end_level)
        self.in_channels = list(in_channels)
        self.out_channels = (out_channels,) * num_outs
        self.start_level = start_level
        self.add_extra_convs = add_extra_convs
        self.relu_before_extra_convs = relu_before_extra_convs
        self.upsample_cfg = dict(upsample_cfg)
        self._num_extra = num_outs - len(used)

        shared = dict(conv_cfg=conv_cfg, norm_cfg=norm_cfg, act_cfg=act_cfg, inplace=False)
        lateral = dict(shared, norm_cfg=None) if no_norm_on_lateral else shared
        self.lateral_convs = nn.ModuleList(
            ConvModule(channels, out_channels, 1, **lateral) for channels in used
        )
        self.fpn_convs = nn.ModuleList(
            ConvModule(out_channels, out_channels, 3, padding=1, **shared) for _ in used
        )
        if add_extra_convs:
            first = used[-1] if add_extra_convs == 'on_input' else out_channels
            for i in range(self._num_extra):
                channels = first if i == 0 else out_channels
                conv = ConvModule(channels, out_channels, 3, stride=2, padding=1, **shared)
                self.fpn_convs.append(conv)

    @staticmethod
    def _used_levels(
        in_channels: Sequence[int], num_outs: int, start_level: int, end_level: int
    ) -> Sequence[int]:
        """Channels of the maps that are used."""
        end = len(in_channels) if end_level == -1 else end_level + 1
        used = in_channels[start_level:end]
        if not used or end > len(in_channels):
            raise ValueError(
                f'FPN uses the feature maps {start_level} to {end - 1}, but in_channels='
                f'{list(in_channels)} has {len(in_channels)}; change start_level or end_level.'
            )
        # one that stops early has no use for further maps
        exact = end < len(in_channels)
        if num_outs < len(used) or (exact and num_outs > len(used)):
            raise ValueError(
                f'num_outs of FPN is {num_outs}, but the levels {start_level} to {end - 1} give '
                f'{"" if exact else "at least "}{len(used)} maps.'
            )
        return used

    def init_weights(self) -> None:
        """Draw the weights of the convolutions from Glorot's uniform distribution."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                xavier_init(module, distribution='uniform')

    def forward(self, inputs: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """``num_outs`` maps (B, ``out_channels``, H, W).

        Args:
            inputs: Maps (B, C, H, W), as many as ``in_channels``, from the finest.

        Raises:
            ValueError: There is another number of maps.
        """
        check_number_of_maps(self, inputs)
        used = inputs[self.start_level : self.start_level + len(self.lateral_convs)]
        laterals = [conv(x) for conv, x in zip(self.lateral_convs, used, strict=True)]
        for i in range(len(laterals) - 1, 0, -1):
            laterals[i - 1] = laterals[i - 1] + self._upsample(laterals[i], laterals[i - 1])
        outputs = [conv(x) for conv, x in zip(self.fpn_convs, laterals, strict=False)]
        sources = dict(on_input=used[-1], on_lateral=laterals[-1], on_output=outputs[-1])
        return tuple(outputs + self._extra(outputs[-1], sources.get(self.add_extra_convs)))

    def _upsample(self, coarse: Tensor, fine: Tensor) -> Tensor:
        if 'scale_factor' in self.upsample_cfg:
            return interpolate(coarse, **self.upsample_cfg)
        return interpolate(coarse, size=fine.shape[2:], **self.upsample_cfg)

    def _extra(self, last: Tensor, source: Tensor | None) -> list[Tensor]:
        """The maps beyond the levels used, each half as large as the one before."""
        extra = []
        for i in range(self._num_extra):
            if source is None:
                last = max_pool2d(last, 1, stride=2)
            else:
                x = source if i == 0 else last
                x = relu(x) if i > 0 and self.relu_before_extra_convs else x
                last = self.fpn_convs[len(self.lateral_convs) + i](x)
            extra.append(last)
        return extra
