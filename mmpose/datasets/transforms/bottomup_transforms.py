"""Whole pictures to the size of the input, with all the instances on them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from mmcv.transforms import BaseTransform
from mmcv.transforms.utils import cache_randomness

from mmpose.codecs.utils.checks import check_choice, check_positive
from mmpose.registry import TRANSFORMS
from mmpose.structures.bbox import get_pers_warp_matrix, get_udp_warp_matrix, get_warp_matrix

from .arguments import check_probs, check_range, fill_color, size_pair
from .bbox_transforms import truncated_normal
from .bottomup_crops import BottomupRandomChoiceResize, BottomupRandomCrop
from .heatmap_mask import BottomupGetHeatmapMask
from .picture_warp import record_warp, warp_labels
from .sample import single_picture

__all__ = [
    'BottomupGetHeatmapMask',
    'BottomupRandomAffine',
    'BottomupRandomChoiceResize',
    'BottomupRandomCrop',
    'BottomupResize',
]


class _Change(NamedTuple):
    """What happens to a picture."""

    shift: tuple[float, float]
    """In x and y, in units of a size."""
    factor: float
    """On the size."""
    rotation: float
    """Degrees."""
    shear: tuple[float, float]
    """In x and y, degrees."""


@TRANSFORMS.register_module()
class BottomupRandomAffine(BaseTransform):
    """Shifts, resizes, turns and shears the picture at random into the size of the input.

    Warps ``img``, and ``keypoints`` (N, K, D), ``bbox`` and ``area`` where they are there;
    ``img_shape`` stays that of the picture before. Adds ``input_size`` (w, h), ``input_center``,
    ``input_scale`` and ``warp_mat``; see
    :func:`~mmpose.datasets.transforms.picture_warp.record_warp`.

    The affine modes fit the picture's region into the input: the region has the input's aspect
    ratio, lies around the picture's centre, and a factor above 1 makes it larger and the people
    smaller. The perspective mode, of YOLOX (`Ge et al., 2021 <https://arxiv.org/abs/2107.08430>`_),
    leaves pixels at their size times the factor, and the point at the centre of the input at its
    place: of a larger picture, such as a mosaic, it shows the top left.

    Args:
        input_size: (w, h) of the input, pixels, or one number for both. ``None``: the picture's
            size plus twice ``border``.
        shift_factor: Largest shift along x and along y, in widths and heights of the picture, or
            of the input in perspective mode.
        shift_prob: Probability of a shift.
        scale_factor: Smallest and largest factor on the size of the region, or of the pixels in
            perspective mode.
        scale_prob: Probability of another size.
        scale_type: 'short': the region has the picture's shorter side, and the longer one, as the
            input's shape has it, is cut. 'long': the region holds the whole picture.
        rotate_factor: Largest rotation either way, degrees.
        rotate_prob: Probability of a rotation.
        shear_factor: Largest shear along x and along y, degrees; only in perspective mode.
        shear_prob: Probability of a shear.
        use_udp: The older name of ``transform_mode='affine_udp'``.
        pad_val: Grey level outside of the picture, or one for each channel.
        border: Pixels added on either side, (w, h); only without ``input_size``.
        distribution: 'trunc_norm', a normal distribution cut off at one standard deviation, or
            'uniform'.
        transform_mode: 'affine'; 'affine_udp', with lengths measured between the centres of pixels
            (UDP, `Huang et al., CVPR 2020 <https://arxiv.org/abs/1911.07524>`_); or
            'perspective'.
        bbox_keep_corner: Whether ``bbox`` becomes the corners (N, 4, 2), which may be turned,
            instead of the upright boxes (N, 4) around them.
        clip_border: Whether to move boxes into the input, and to mark the keypoints outside of it
            as not visible.

    Raises:
        ValueError: An argument is none of what is described here.
        KeyError: A sample has no ``img``.
    """

    def __init__(
        self,
        input_size: tuple[int, int] | int | None = None,
        shift_factor: float = 0.2,
        shift_prob: float = 1.0,
        scale_factor: tuple[float, float] = (0.75, 1.5),
        scale_prob: float = 1.0,
        scale_type: str = 'short',
        rotate_factor: float = 30.0,
        rotate_prob: float = 1,
        shear_factor: float = 2.0,
        shear_prob: float = 1.0,
        use_udp: bool = False,
        pad_val: float | tuple[float, ...] = 0,
        border: tuple[int, int] = (0, 0),
        distribution: str = 'trunc_norm',
        transform_mode: str = 'affine',
        bbox_keep_corner: bool = True,
        clip_border: bool = False,
    ) -> None:
        super().__init__()
        check_choice('scale_type', scale_type, ('short', 'long'))
        check_choice('distribution', distribution, ('trunc_norm', 'uniform'))
        check_choice('transform_mode', transform_mode, ('affine', 'affine_udp', 'perspective'))
        if use_udp and transform_mode == 'perspective':
            raise ValueError(
                "use_udp goes with an affine warp, but transform_mode is 'perspective'; leave one "
                'of the two out.'
            )
        check_range('scale_factor', scale_factor)
        check_probs(
            shift_prob=shift_prob,
            scale_prob=scale_prob,
            rotate_prob=rotate_prob,
            shear_prob=shear_prob,
        )
        if not 0 <= shear_factor < 45:  # shears of 45 degrees both ways flatten the picture
            raise ValueError(f'shear_factor is {shear_factor!r}; expected degrees from 0 to 45.')
        self.input_size = None if input_size is None else size_pair('input_size', input_size)
        self.shift_factor = shift_factor
        self.shift_prob = shift_prob
        self.scale_factor = scale_factor
        self.scale_prob = scale_prob
        self.scale_type = scale_type
        self.rotate_factor = rotate_factor
        self.rotate_prob = rotate_prob
        self.shear_factor = shear_factor
        self.shear_prob = shear_prob
        self.pad_val = fill_color(pad_val)
        self.border = border
        self.distribution = distribution
        self.transform_mode = 'affine_udp' if use_udp else transform_mode
        self.bbox_keep_corner = bbox_keep_corner
        self.clip_border = clip_border

    @cache_randomness
    def _get_transform_params(self) -> _Change:
        is_normal = self.distribution == 'trunc_norm'
        amounts = truncated_normal(6) if is_normal else np.random.uniform(-1, 1, 6)
        # single numbers: arrays of two would take several times longer
        shift_x, shift_y, resize, turn, shear_x, shear_y = amounts.tolist()
        probs = (self.shift_prob, self.scale_prob, self.rotate_prob, self.shear_prob)
        shifts, resizes, turns, shears = (np.random.rand(4) < probs).tolist()
        smallest, largest = self.scale_factor
        middle, half_range = (smallest + largest) / 2, (largest - smallest) / 2
        to_shift, to_shear = self.shift_factor * shifts, self.shear_factor * shears
        return _Change(
            shift=(to_shift * shift_x, to_shift * shift_y),
            factor=middle + half_range * resize if resizes else 1.0,
            rotation=self.rotate_factor * turn * turns,
            shear=(to_shear * shear_x, to_shear * shear_y),
        )

    def transform(self, results: dict) -> dict:
        """The sample with its picture warped."""
        h, w = single_picture(results, 'BottomupRandomAffine').shape[:2]
        input_size = self.input_size or self._bordered(w, h)
        matrix = self._get_matrix((w, h), input_size, self._get_transform_params())
        self._warp(results, matrix, input_size)
        return results

    def _bordered(self, w: int, h: int) -> tuple[int, int]:
        size = (w + 2 * self.border[0], h + 2 * self.border[1])
        return size_pair(f'The picture with border={self.border}', size)

    def _get_matrix(
        self, size_wh: tuple[int, int], input_size: tuple[int, int], change: _Change
    ) -> np.ndarray:
        """The matrix (2, 3) from the picture to the input."""
        (w, h), (W, H), (x, y) = size_wh, input_size, change.shift
        if self.transform_mode == 'perspective':
            return get_pers_warp_matrix(
                center=(W / 2, H / 2),
                translate=(x * W, y * H),
                scale=change.factor,
                rot=change.rotation,
                shear=change.shear,
            )[:2]
        region_w, region_h = w * change.factor, h * change.factor
        fit = max if self.scale_type == 'long' else min
        ratio = fit(region_w / W, region_h / H)
        scale = (ratio * W, ratio * H)
        if self.transform_mode == 'affine_udp':
            center = ((w - 1) / 2 + x * w, (h - 1) / 2 + y * h)
            return get_udp_warp_matrix(center, scale, change.rotation, output_size=input_size)
        center = (w / 2 + x * w, h / 2 + y * h)
        return get_warp_matrix(center, scale, change.rotation, output_size=input_size)

    def _warp(self, results: dict, matrix: np.ndarray, input_size: tuple[int, int]) -> None:
        img = results['img']
        results['img'] = cv2.warpAffine(
            img, matrix, input_size, flags=cv2.INTER_LINEAR, borderValue=self.pad_val
        )
        warp_labels(results, matrix, input_size, self.clip_border, self.bbox_keep_corner)
        record_warp(results, matrix, img.shape[1::-1], input_size)


@TRANSFORMS.register_module()
class BottomupResize(BaseTransform):
    """Resizes the whole picture to the size of the input, keeping its aspect ratio.

    Replaces ``img``, with a list of pictures if there are ``aug_scales``, and ``img_shape``; adds
    ``input_size`` (w, h), ``input_center`` and ``input_scale``, (2,) pixels of the picture, for
    the first of them, and ``aug_scales``. Labels keep their place: they are in pixels of the
    picture, as are the predictions in the end.

    Args:
        input_size: (w, h) of the input, pixels, or one number for both.
        aug_scales: Factors for further pictures of other sizes; ``None``: only one picture.
        size_factor: What sizes must be multiples of.
        resize_mode: 'fit': the picture lies within the input, the rest is filled. 'expand': the
            input grows along one side until the picture holds ``input_size``.
        pad_val: The colour that fills the rest, one grey level for each channel.
        use_udp: Whether to measure lengths between the centres of pixels (UDP, `Huang et al.,
            CVPR 2020 <https://arxiv.org/abs/1911.07524>`_). The picture then lies at the top
            left, while ``input_center`` and ``input_scale`` tell of the picture alone: predictions
            map back, up to a pixel, where the picture fills the input.

    Raises:
        ValueError: An argument is none of what is described here, or a size of mode 'fit' is no
            multiple of ``size_factor``.
        KeyError: A sample has no ``img``.
    """

    def __init__(
        self,
        input_size: tuple[int, int] | int,
        aug_scales: list[float] | None = None,
        size_factor: int = 32,
        resize_mode: str = 'fit',
        pad_val: float | tuple[float, ...] = (0, 0, 0),
        use_udp: bool = False,
    ) -> None:
        super().__init__()
        check_choice('resize_mode', resize_mode, ('fit', 'expand'))
        check_positive('size_factor', size_factor)
        if aug_scales:
            check_positive('aug_scales', aug_scales)
        self.input_size = size_pair('input_size', input_size)
        self.aug_scales = aug_scales
        self.size_factor = size_factor
        self.resize_mode = resize_mode
        self.pad_val = fill_color(pad_val)
        self.use_udp = use_udp
        w, h = self.input_size
        self._sizes = [(int(w * s), int(h * s)) for s in (1, *(aug_scales or ()))]
        if resize_mode == 'fit':
            self._check_multiples()

    def _check_multiples(self) -> None:
        for size in self._sizes:
            if (padded := self._ceil_to_multiple(size)) != size:
                raise ValueError(
                    f'An input of {size} is no multiple of size_factor={self.size_factor}, as '
                    f"resize_mode='fit' needs; change input_size or aug_scales, for instance for "
                    f'{padded}.'
                )

    def _ceil_to_multiple(self, size_wh: Sequence[float]) -> tuple[int, int]:
        w, h = (int(np.ceil(s / self.size_factor) * self.size_factor) for s in size_wh)
        return w, h

    def transform(self, results: dict) -> dict:
        """The sample with its picture resized."""
        img = single_picture(results, 'BottomupResize')
        resized, regions = zip(*(self._resize(img, size) for size in self._sizes), strict=True)
        results['img'] = list(resized) if self.aug_scales else resized[0]
        results['aug_scales'] = self.aug_scales
        results['img_shape'] = resized[0].shape[:2]
        results['input_size'] = resized[0].shape[1::-1]
        results['input_center'], results['input_scale'] = regions[0]
        return results

    def _resize(
        self, img: np.ndarray, size: tuple[int, int]
    ) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]:
        """The resized picture; the centre and the scale of the region that it shows."""
        picture_wh = np.float32(img.shape[1::-1])
        actual, padded = self._fit(img.shape[1::-1], size)
        if self.use_udp:
            center, scale = (picture_wh - 1) / 2, picture_wh
            matrix = get_udp_warp_matrix(center, scale, 0, output_size=actual)
        else:
            center, scale = picture_wh / 2, picture_wh * np.float32(padded) / np.float32(actual)
            matrix = get_warp_matrix(center, scale, 0, output_size=padded)
        resized = cv2.warpAffine(
            img, matrix, padded, flags=cv2.INTER_LINEAR, borderValue=self.pad_val
        )
        return resized, (center, scale)

    def _fit(
        self, picture_wh: tuple[int, int], size: tuple[int, int]
    ) -> tuple[tuple[float, float], tuple[int, int]]:
        """The size of the resized picture, not rounded, and that of the input around it."""
        w, h = picture_wh
        if self.resize_mode == 'fit':
            return (min(size[0], size[1] * w / h), min(size[1], size[0] * h / w)), size
        least_w, least_h = self._ceil_to_multiple(size)
        actual = (max(least_w, least_h * w / h), max(least_h, least_w * h / w))
        return actual, self._ceil_to_multiple(actual)
