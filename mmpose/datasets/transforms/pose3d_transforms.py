"""Transforms of 3D poses and the keypoints of their frames."""

from __future__ import annotations

from typing import Any

import numpy as np
from mmcv.transforms import BaseTransform
from mmcv.transforms.utils import cache_randomness

from mmpose.registry import TRANSFORMS
from mmpose.structures.keypoint import flip_keypoints_custom_center

from .sample import require_keys

# For the keypoints and the poses: what is flipped, and what only changes sides with it.
_PLAIN_KEYS = (('keypoints', 'keypoints_visible'), ('lifting_target', 'lifting_target_visible'))
_LABEL_KEYS = (
    ('keypoint_labels', 'keypoint_labels_visible'),
    ('lifting_target_label', 'lifting_target_weight'),
)


@TRANSFORMS.register_module()
class RandomFlipAroundRoot(BaseTransform):
    """Mirrors poses and the keypoints of their frames at random, each at a line of its own.

    Flips ``keypoints`` (T, K, D), ``lifting_target`` (T', K, D), ``keypoints_visible`` and
    ``lifting_target_visible``, and needs ``flip_indices``.

    Args:
        keypoints_flip_cfg: The line for the keypoints; ``center_mode``, ``center_x`` and
            ``center_index`` of :func:`~mmpose.structures.keypoint.flip_keypoints_custom_center`.
        target_flip_cfg: The line for the poses, likewise.
        flip_prob: Probability of a flip.
        flip_camera: Whether to mirror the intrinsics in ``camera_param`` as well, so that it
            projects the flipped poses to the flipped keypoints: the principal point ``c`` at the
            line of the keypoints, and the tangential distortion ``p``.
        flip_label: Whether to flip what the codec has made of them instead: ``keypoint_labels``,
            ``lifting_target_label``, ``keypoint_labels_visible`` and ``lifting_target_weight``.

    Raises:
        ValueError: A line has unknown settings, ``flip_prob`` is no probability, or
            ``flip_camera`` has no fixed line.
        KeyError: A sample lacks something.
    """

    def __init__(
        self,
        keypoints_flip_cfg: dict,
        target_flip_cfg: dict,
        flip_prob: float = 0.5,
        flip_camera: bool = False,
        flip_label: bool = False,
    ) -> None:
        super().__init__()
        _check_line('keypoints_flip_cfg', keypoints_flip_cfg)
        _check_line('target_flip_cfg', target_flip_cfg)
        if not 0 <= flip_prob <= 1:
            raise ValueError(f'flip_prob is {flip_prob}; expected a number from 0 to 1.')
        if flip_camera and keypoints_flip_cfg.get('center_mode', 'static') != 'static':
            raise ValueError(
                "flip_camera needs a line that all frames share; set center_mode='static' in "
                'keypoints_flip_cfg, or flip_camera=False.'
            )
        self.keypoints_flip_cfg = keypoints_flip_cfg
        self.target_flip_cfg = target_flip_cfg
        self.flip_prob = flip_prob
        self.flip_camera = flip_camera
        self.flip_label = flip_label

    @cache_randomness
    def _choose_flip(self) -> bool:
        return np.random.rand() < self.flip_prob

    def transform(self, results: dict) -> dict:
        """The sample, perhaps flipped."""
        if self._choose_flip():
            self._flip(results)
        return results

    def _flip(self, results: dict) -> None:
        keys = _LABEL_KEYS if self.flip_label else _PLAIN_KEYS
        needed = ('flip_indices', *(key for key, _ in keys))
        remedy = (
            'flip_label=True flips what GenerateTarget adds before.'
            if self.flip_label
            else 'Data sets for pose lifting have it.'
        )
        require_keys(results, 'RandomFlipAroundRoot', needed, remedy)
        lines = (self.keypoints_flip_cfg, self.target_flip_cfg)
        for (key, visible_key), line in zip(keys, lines, strict=True):
            results[key], visible = flip_keypoints_custom_center(
                results[key], results.get(visible_key), results['flip_indices'], **line
            )
            if visible is not None:
                results[visible_key] = visible
        if self.flip_camera:
            require_keys(results, 'RandomFlipAroundRoot', ('camera_param',), remedy)
            results['camera_param'] = self._mirrored(results['camera_param'])

    def _mirrored(self, camera: dict[str, Any]) -> dict[str, Any]:
        """The camera with its image mirrored, a copy."""
        center_x = self.keypoints_flip_cfg.get('center_x', 0.5)
        mirrored = {**camera, 'c': np.array(camera['c'], dtype=float)}
        mirrored['c'][0] = 2 * center_x - mirrored['c'][0]
        if 'p' in camera:
            # The second coefficient is the one of distortions that are even in x. Published code
            # negates the first, which is right for the reverse order of the coefficients.
            mirrored['p'] = np.array(camera['p'], dtype=float)
            mirrored['p'][1] *= -1
        return mirrored


def _check_line(name: str, line: dict) -> None:
    allowed = ('center_mode', 'center_x', 'center_index')
    if unknown := set(line) - set(allowed):
        raise ValueError(f'{name} has {sorted(unknown)}; choose from {list(allowed)}.')
