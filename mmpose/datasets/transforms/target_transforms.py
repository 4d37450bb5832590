"""From keypoints to what a network is trained to predict."""

from __future__ import annotations

import warnings
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Any

import numpy as np
from mmcv.transforms import BaseTransform

from mmpose.registry import KEYPOINT_CODECS, TRANSFORMS

from .sample import require_keys
from .visibility import split_visibility

if TYPE_CHECKING:
    from mmpose.codecs.base import BaseKeypointCodec

# what samples call the values that codecs ask for by the names of data samples
_SAMPLE_KEYS = dict(bboxes='bbox')


@TRANSFORMS.register_module()
class GenerateTarget(BaseTransform):
    """Adds what the codec encodes: heatmaps, weights, or whatever its tables name.

    Encodes ``transformed_keypoints``, or else ``keypoints``, with ``keypoints_visible``; a sample
    without the latter has them all visible, except those at NaN. Passes on the sample's values
    that the codec asks for in ``auxiliary_encode_keys``. The codec's mapping tables join those in
    the sample, for :class:`~mmpose.datasets.transforms.PackPoseInputs`.

    Args:
        encoder: Config of the codec, or of several.
        target_type: Deprecated; the codec knows its targets.
        multilevel: Whether several codecs make the same targets for different levels, which then
            become lists. Otherwise they make different targets, besides ``keypoint_weights``,
            which become a list.
        use_dataset_keypoint_weights: Whether to multiply ``keypoint_weights`` with
            ``dataset_keypoint_weights`` (K,).

    Raises:
        ValueError: ``multilevel`` without several codecs; later, targets that do not go together,
            a sample without keypoints, or dataset weights of another number of keypoints.
        KeyError: A sample lacks a key that a codec needs, or ``dataset_keypoint_weights``.
    """

    def __init__(
        self,
        encoder: dict | list[dict],
        target_type: str | None = None,
        multilevel: bool = False,
        use_dataset_keypoint_weights: bool = False,
    ) -> None:
        super().__init__()
        if target_type is not None:
            warnings.warn(
                '`target_type` is deprecated; the codec given as `encoder` names its targets, and '
                '`multilevel=True` stands for `multilevel_heatmap`.',
                DeprecationWarning,
                stacklevel=2,
            )
            multilevel = multilevel or target_type == 'multilevel_heatmap'
        several = not isinstance(encoder, dict)
        if not encoder:
            raise ValueError('encoder is empty; give the config of a codec, or several in a list.')
        if multilevel and not several:
            raise ValueError('multilevel needs a list of codecs as `encoder`, one per level.')
        self.multilevel = multilevel
        self.use_dataset_keypoint_weights = use_dataset_keypoint_weights
        codecs = [KEYPOINT_CODECS.build(cfg) for cfg in (encoder if several else [encoder])]
        self.encoder = codecs if several else codecs[0]
        self._codecs = [(codec, _needed_keys(codec)) for codec in codecs]
        self._tables = {
            name: {k: v for codec in codecs for k, v in getattr(codec, name).items()}
            for name in ('field_mapping_table', 'instance_mapping_table', 'label_mapping_table')
        }

    def transform(self, results: dict) -> dict:
        """The sample with its targets."""
        split_visibility(results)
        keypoints, visible = _keypoints_to_encode(results)
        encoded = [
            codec.encode(
                keypoints=keypoints,
                keypoints_visible=visible,
                **_auxiliary_values(codec, needed, results),
            )
            for codec, needed in self._codecs
        ]
        if self.multilevel:
            targets = _as_levels(encoded)
        elif isinstance(self.encoder, list):
            targets = _combined(encoded)
        else:
            targets = encoded[0]
        if self.use_dataset_keypoint_weights and 'keypoint_weights' in targets:
            # published code loses the products where the weights are a list
            factors = _dataset_weights(results, keypoints.shape[-2])
            weights = targets['keypoint_weights']
            targets['keypoint_weights'] = (
                [w * factors for w in weights] if isinstance(weights, list) else weights * factors
            )
        results.update(targets)
        for name, table in self._tables.items():
            results[name] = {**results.get(name, {}), **table}
        return results


def _keypoints_to_encode(results: dict) -> tuple[np.ndarray, np.ndarray]:
    """Keypoints (N, K, D) without NaN, and their visibility (N, K), 0 where there was NaN."""
    keypoints = results.get('transformed_keypoints')
    if keypoints is None:
        keypoints = results.get('keypoints')
    if keypoints is None:
        raise ValueError(
            f'The sample has no keypoints to encode, only {sorted(results)}; pipelines for data '
            'without annotations do without GenerateTarget.'
        )
    has_position = np.isfinite(keypoints).all(axis=-1)
    visible = results.get('keypoints_visible')
    if visible is None:
        visible = np.ones(keypoints.shape[:-1], dtype=np.float32)
    if not has_position.all():
        keypoints = np.where(has_position[..., None], keypoints, keypoints.dtype.type(0))
        visible = np.where(has_position, visible, visible.dtype.type(0))
    return keypoints, visible


def _needed_keys(codec: BaseKeypointCodec) -> set[str]:
    """The codec's auxiliary keys for which ``encode`` has no default."""
    parameters = signature(codec.encode).parameters
    return {
        key
        for key in codec.auxiliary_encode_keys
        if key in parameters and parameters[key].default is Parameter.empty
    }


def _auxiliary_values(codec: BaseKeypointCodec, needed: set[str], results: dict) -> dict[str, Any]:
    """The sample's values that the codec asks for; those with a default may be missing."""
    remedy = f'{type(codec).__name__} encodes it; add what makes it before GenerateTarget.'
    require_keys(results, 'GenerateTarget', tuple(needed), remedy)
    asked = codec.auxiliary_encode_keys
    keys = {key: key if key in results else _SAMPLE_KEYS.get(key) for key in asked}
    return {key: results[name] for key, name in keys.items() if name in results}


def _dataset_weights(results: dict, num_keypoints: int) -> np.ndarray:
    """The weights (K,) that the data set gives its keypoints."""
    remedy = 'It comes with the metainfo; or set `use_dataset_keypoint_weights=False`.'
    require_keys(results, 'GenerateTarget', ('dataset_keypoint_weights',), remedy)
    weights = results['dataset_keypoint_weights']
    if len(weights) != num_keypoints:
        raise ValueError(
            f'dataset_keypoint_weights has {len(weights)} entries for {num_keypoints} keypoints; '
            'check `joint_weights` in the metainfo of the data set whose keypoints these are.'
        )
    return weights


def _as_levels(encoded: list[dict[str, Any]]) -> dict[str, list]:
    """Each target with the list of its levels."""
    for level in encoded[1:]:
        if level.keys() != encoded[0].keys():
            raise ValueError(
                f'The levels have different targets, {sorted(encoded[0])} and {sorted(level)}; '
                'use the same type of codec for all, or set `multilevel=False`.'
            )
    return {name: [level[name] for level in encoded] for name in encoded[0]}


def _combined(encoded: list[dict[str, Any]]) -> dict[str, Any]:
    """The targets of all codecs; ``keypoint_weights`` as a list, for they all have some."""
    targets = {}
    for single in encoded:
        for name, value in single.items():
            if name == 'keypoint_weights':
                targets.setdefault(name, []).append(value)
            elif name in targets:
                raise ValueError(
                    f'Two codecs make the target {name!r}; drop one of them, or set '
                    '`multilevel=True` if they stand for levels.'
                )
            else:
                targets[name] = value
    return targets
