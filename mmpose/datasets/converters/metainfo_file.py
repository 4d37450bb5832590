"""The text of a metainfo file, which says what the keypoints of a data set are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mmpose.structures.keypoint import side_of

from .errors import ConversionError

_TEMPLATE = """\
_blue, _green, _orange = [51, 153, 255], [0, 255, 0], [255, 128, 0]

# name, mirror image, half of the body ('upper', 'lower' or ''), colour; weight in the loss,
# OKS sigma (how far labels of it stray, as a share of the instance's size)
_keypoints = [
{keypoints}]

_links = [
{links}]

dataset_info = dict(
    dataset_name={dataset_name!r},
    keypoint_info={{
        i: dict(name=name, id=i, color=color, type=half, swap=mirror)
        for i, (name, mirror, half, color, *_) in enumerate(_keypoints)
    }},
    skeleton_info={{
        i: dict(link=(start, end), id=i, color=color)
        for i, (start, end, color) in enumerate(_links)
    }},
    joint_weights=[row[4] for row in _keypoints],
    sigmas=[row[5] for row in _keypoints],
)

del _blue, _green, _orange, _keypoints, _links
"""


def metainfo_text(
    dataset_name: str,
    keypoints: Sequence[str],
    links: Sequence[tuple[str, str]],
    swaps: Mapping[str, str],
    weights: Sequence[float],
    sigmas: Sequence[float],
) -> str:
    """The file's text; colours tell the left side (green) from the right (orange).

    Args:
        dataset_name: The name of the data set.
        keypoints: The K names.
        links: Pairs of names.
        swaps: The mirror images, both ways.
        weights: (K,).
        sigmas: (K,).
    """
    colors = {name: _color(name, swaps) for name in keypoints}
    rows = zip(keypoints, weights, sigmas, strict=True)
    return _TEMPLATE.format(
        dataset_name=dataset_name,
        keypoints=''.join(
            f"    ({name!r}, {swaps.get(name, '')!r}, '', {colors[name]}, {weight}, {sigma}),\n"
            for name, weight, sigma in rows
        ),
        links=''.join(
            f'    ({start!r}, {end!r}, {_link_color(colors[start], colors[end])}),\n'
            for start, end in links
        ),
    )


def both_ways(swaps: Mapping[str, str]) -> dict[str, str]:
    """The mirror images with each pair in both directions.

    Raises:
        ConversionError: A keypoint has several.
    """
    pairs = {name: other for name, other in swaps.items() if name != other}
    both = {other: name for name, other in pairs.items()} | pairs
    if wrong := [other for name, other in both.items() if both[other] != name]:
        raise ConversionError(f'swaps has several mirror images of {wrong[0]!r}; give one.')
    return both


def _color(name: str, swaps: Mapping[str, str]) -> str:
    if name not in swaps:
        return '_blue'
    side = side_of(name)
    # without a word for the side, either of the two will do, but not both
    is_left = side == 'left' if side else name < swaps[name]
    return '_green' if is_left else '_orange'


def _link_color(start: str, end: str) -> str:
    sided = {start, end} - {'_blue'}
    return sided.pop() if len(sided) == 1 else '_blue'
