"""Names for types that recur in signatures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mmengine.config import ConfigDict
from mmengine.structures import InstanceData, PixelData
from torch import Tensor

if TYPE_CHECKING:
    from mmpose.structures import PoseDataSample

ConfigType = ConfigDict | dict
OptConfigType = ConfigType | None
MultiConfig = ConfigType | list[ConfigType]
OptMultiConfig = MultiConfig | None

InstanceList = list[InstanceData]
PixelDataList = list[PixelData]
Predictions = InstanceList | tuple[InstanceList, PixelDataList]

SampleList = list['PoseDataSample']
OptSampleList = SampleList | None

# feature maps of one pass, of a flip test (plain, flipped), or of several scales
Features = tuple[Tensor, ...] | list[tuple[Tensor, ...]] | list[list[tuple[Tensor, ...]]]
ForwardResults = dict[str, Tensor] | SampleList | tuple[Tensor, ...] | Tensor
