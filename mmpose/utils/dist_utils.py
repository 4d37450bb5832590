"""Values shared between processes."""

from __future__ import annotations

from torch import Tensor
from torch import distributed as dist


def reduce_mean(tensor: Tensor) -> Tensor:
    """The mean of ``tensor`` over all processes; the tensor itself if there is only one."""
    if not (dist.is_available() and dist.is_initialized()):
        return tensor
    mean = tensor.clone()
    dist.all_reduce(mean.div_(dist.get_world_size()), op=dist.ReduceOp.SUM)
    return mean
