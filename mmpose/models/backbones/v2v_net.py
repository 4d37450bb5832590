"""3D convolutions over volumes, for poses in voxel space."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from mmengine.model import BaseModule
from torch import Tensor, nn

from mmpose.registry import MODELS

from .base_backbone import BaseBackbone

if TYPE_CHECKING:
    from mmpose.utils.typing import OptMultiConfig


def _conv_norm(
    in_channels: int, out_channels: int, kernel_size: int, relu: bool = True
) -> nn.Sequential:
    """A 3D convolution that keeps the size, batch norm and perhaps a ReLU."""
    layers = OrderedDict(
        # its bias is idle before batch norm, but the published weights have it
        conv=nn.Conv3d(in_channels, out_channels, kernel_size, padding=kernel_size // 2),
        bn=nn.BatchNorm3d(out_channels),
    )
    if relu:
        layers['activate'] = nn.ReLU(inplace=True)
    return nn.Sequential(layers)


class Basic3DBlock(BaseModule):
    """A 3D convolution with batch norm and ReLU.

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of the output.
        kernel_size: Odd size of the kernel.
    """

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int) -> None:
        super().__init__()
        self.block = _conv_norm(in_channels, out_channels, kernel_size)

    def forward(self, x: Tensor) -> Tensor:
        """The features (B, C, D, H, W), in the input's size."""
        return self.block(x)


class Res3DBlock(BaseModule):
    """Two 3D convolutions with a shortcut.

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of the output.
    """

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.res_branch = nn.Sequential(
            _conv_norm(in_channels, out_channels, 3),
            _conv_norm(out_channels, out_channels, 3, relu=False),
        )
        self.skip_con = nn.Identity()
        if in_channels != out_channels:
            self.skip_con = _conv_norm(in_channels, out_channels, 1, relu=False)

    def forward(self, x: Tensor) -> Tensor:
        """The rectified sum of the branch and the (projected) input."""
        return (self.res_branch(x) + self.skip_con(x)).relu()


class Upsample3DBlock(BaseModule):
    """A 3D deconvolution that doubles the sides, with batch norm and ReLU.

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of the output.
    """

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.block = nn.Sequential(
            nn.ConvTranspose3d(in_channels, out_channels, 2, stride=2),
            nn.BatchNorm3d(out_channels),
            nn.ReLU(inplace=True),
        )

    def forward(self, x: Tensor) -> Tensor:
        """The features (B, C, 2 * D, 2 * H, 2 * W)."""
        return self.block(x)


class EncoderDecoder(BaseModule):
    """Features of a volume at a half and a quarter of its sides, brought back to its size.

    Args:
        in_channels: Channels of the input and of the output; they double with each halving.
    """

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        full, half, quarter = in_channels, 2 * in_channels, 4 * in_channels
        self.pool = nn.MaxPool3d(2)
        self.encoder_res1 = Res3DBlock(full, half)
        self.encoder_res2 = Res3DBlock(half, quarter)
        self.mid_res = Res3DBlock(quarter, quarter)
        self.decoder_res2 = Res3DBlock(quarter, quarter)
        self.decoder_upsample2 = Upsample3DBlock(quarter, half)
        self.decoder_res1 = Res3DBlock(half, half)
        self.decoder_upsample1 = Upsample3DBlock(half, full)
        self.skip_res1 = Res3DBlock(full, full)
        self.skip_res2 = Res3DBlock(half, half)

    def forward(self, x: Tensor) -> Tensor:
        """The features (B, C, D, H, W), in the input's size."""
        half = self.encoder_res1(self.pool(x))
        quarter = self.mid_res(self.encoder_res2(self.pool(half)))
        out = self.decoder_upsample2(self.decoder_res2(quarter)) + self.skip_res2(half)
        return self.decoder_upsample1(self.decoder_res1(out)) + self.skip_res1(x)


@MODELS.register_module()
class V2VNet(BaseBackbone):
    """Features of volumes (B, C, D, H, W), in their size.

    Papers: `Moon et al., 2018, V2V-PoseNet: Voxel-to-Voxel Prediction Network
    <https://arxiv.org/abs/1711.07399>`_; in this form `Tu et al., 2020, VoxelPose: Towards
    Multi-Camera 3D Human Pose Estimation in Wild Environment <https://arxiv.org/abs/2004.06239>`_.

    Args:
        input_channels: Channels of the volumes, such as one per keypoint.
        output_channels: Channels of the output.
        mid_channels: Channels between; an even number.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.

    Raises:
        ValueError: ``mid_channels`` is odd.
    """

    size_divisor = 4

    def __init__(
        self,
        input_channels: int,
        output_channels: int,
        mid_channels: int = 32,
        init_cfg: OptMultiConfig = dict(
            type='Normal', std=0.001, layer=['Conv3d', 'ConvTranspose3d']
        ),
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        if mid_channels % 2:
            raise ValueError(f'mid_channels is {mid_channels}; it must be even.')
        self.out_channels = (output_channels,)
        self.out_strides = (1,)
        self.front_layers = nn.Sequential(
            Basic3DBlock(input_channels, mid_channels // 2, 7),
            Res3DBlock(mid_channels // 2, mid_channels),
        )
        self.encoder_decoder = EncoderDecoder(mid_channels)
        self.output_layer = nn.Conv3d(mid_channels, output_channels, 1)

    def forward(self, x: Tensor) -> tuple[Tensor]:
        """The features (B, ``output_channels``, D, H, W).

        Raises:
            ValueError: A side of the volumes is no multiple of 4.
        """
        if any(side % self.size_divisor for side in x.shape[2:]):
            raise ValueError(
                f'V2VNet gets volumes of {tuple(x.shape[2:])} voxels, but the sides must be '
                f'multiples of {self.size_divisor}, as they are halved twice; change the number of '
                'bins of the space.'
            )
        return (self.output_layer(self.encoder_decoder(self.front_layers(x))),)
