"""Weights, masks and means that the losses share."""

from __future__ import annotations

from torch import Tensor


def check_shapes(output: Tensor, target: Tensor) -> None:
    """Check that a prediction and its target have one shape.

    Raises:
        ValueError: They differ; the message says which setting to change.
    """
    if output.shape == target.shape:
        return
    mend = 'let the codec encode what the head predicts'
    if output.ndim > 1 and target.ndim > 1 and output.shape[1] != target.shape[1]:
        mend = (
            f'the model predicts {output.shape[1]} channels for {target.shape[1]} in the target: '
            "set the head's number of keypoints to that of the data set and of the codec"
        )
    elif output.ndim == target.ndim == 4 and output.shape[2:] != target.shape[2:]:
        mend = (
            "the maps differ in size: set the codec's `heatmap_size` (w, h) to "
            f'({output.shape[3]}, {output.shape[2]}), or change the input size'
        )
    raise ValueError(
        f'The output is {tuple(output.shape)} and the target {tuple(target.shape)}; {mend}.'
    )


def expand_weights(weights: Tensor, values: Tensor) -> Tensor:
    """Weights with trailing axes of size 1, to multiply ``values`` by.

    Args:
        weights: Of the shape of ``values``, or of its first axes.
        values: What is weighted, such as a loss per cell (B, K, H, W).

    Raises:
        ValueError: The shapes do not fit.
    """
    if weights.shape != values.shape[: weights.ndim]:
        raise ValueError(
            f'The weights are {tuple(weights.shape)}; for values of {tuple(values.shape)} give '
            f'{tuple(values.shape[:2])} or the full shape.'
        )
    return weights.reshape(weights.shape + (1,) * (values.ndim - weights.ndim))


def weighted_mean(values: Tensor, *weights: Tensor | None) -> Tensor:
    """The mean of the weighted values over all of them, those of weight 0 included.

    Args:
        values: (B, K, ...) losses.
        *weights: Factors that can be broadcast to ``values``; ``None`` is 1.
    """
    for weight in weights:
        if weight is not None:
            values = values * weight
    return values.mean()
