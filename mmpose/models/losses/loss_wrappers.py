"""Several losses in one module."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from torch import Tensor, nn

from mmpose.registry import MODELS

if TYPE_CHECKING:
    from mmpose.utils.typing import ConfigType


@MODELS.register_module()
class MultipleLossWrapper(nn.Module):
    """A list of losses, each for one of several outputs.

    Args:
        losses: Configs of the losses, in the order of the outputs.
    """

    def __init__(self, losses: Sequence[ConfigType]) -> None:
        super().__init__()
        self.num_losses = len(losses)
        self.loss_modules = nn.ModuleList([MODELS.build(loss) for loss in losses])

    def forward(
        self,
        input_list: Sequence[Tensor],
        target_list: Sequence[Tensor],
        keypoint_weights: Tensor | None = None,
    ) -> list[Tensor]:
        """The value of each loss.

        Args:
            input_list: An output of the model for each loss.
            target_list: A target for each loss.
            keypoint_weights: (B, K), given to every loss.

        Raises:
            ValueError: The numbers of outputs, targets and losses differ.
        """
        if not self.num_losses == len(input_list) == len(target_list):
            raise ValueError(
                f'There are {self.num_losses} losses for {len(input_list)} outputs and '
                f'{len(target_list)} targets; list in `losses` one loss for each output.'
            )
        return [
            loss(output, target, keypoint_weights)
            for loss, output, target in zip(self.loss_modules, input_list, target_list, strict=True)
        ]


@MODELS.register_module()
class CombinedLoss(nn.ModuleDict):
    """Losses by name, which a head calls one by one: ``self.loss_module['vis'](...)``.

    Args:
        losses: Config of each loss by its name.
    """

    def __init__(self, losses: dict[str, ConfigType]) -> None:
        super().__init__({name: MODELS.build(loss) for name, loss in losses.items()})
