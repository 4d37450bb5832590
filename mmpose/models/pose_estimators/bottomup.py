"""Bottom-up estimation: all instances of a whole picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING

from torch import Tensor

from mmpose.registry import MODELS
from mmpose.utils.tensor_utils import to_numpy

from .base import BasePoseEstimator
from .predictions import check_number, input_to_image, select_keypoints

if TYPE_CHECKING:
    from mmpose.structures import PoseDataSample
    from mmpose.utils.typing import (
        ConfigType,
        Features,
        ForwardResults,
        InstanceList,
        OptConfigType,
        OptMultiConfig,
        OptSampleList,
        PixelDataList,
        Predictions,
        SampleList,
    )


@MODELS.register_module()
class BottomupPoseEstimator(BasePoseEstimator):
    """Keypoints of all instances of each picture.

    Pictures of different sizes are predicted one size after the other, without the padding that
    the batch needs, so that a prediction does not depend on the batch.

    ``test_cfg`` may have ``flip_test`` (average over the picture and its mirror image),
    ``multiscale_test`` (average over ``aug_scales`` of
    :class:`~mmpose.datasets.transforms.BottomupResize`), ``output_heatmaps`` (return fields beside
    the keypoints) and what the head reads.

    The arguments are those of :class:`BasePoseEstimator`.
    """

    def __init__(
        self,
        backbone: ConfigType,
        neck: OptConfigType = None,
        head: OptConfigType = None,
        train_cfg: OptConfigType = None,
        test_cfg: OptConfigType = None,
        use_syncbn: bool = False,
        data_preprocessor: OptConfigType = None,
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__(
            backbone,
            neck,
            head,
            train_cfg,
            test_cfg,
            data_preprocessor,
            init_cfg,
            use_syncbn=use_syncbn,
        )

    def forward(
        self,
        inputs: Tensor | Sequence[Tensor],
        data_samples: OptSampleList = None,
        mode: str = 'tensor',
    ) -> ForwardResults:
        """As in :class:`BasePoseEstimator`, where a list of batches is of several sizes.

        Args:
            inputs: (B, C, H, W), a list of B pictures (C, H, W), or for ``'predict'`` a batch for
                each size.
            data_samples: See there.
            mode: See there.
        """
        if isinstance(inputs, list) and inputs[0].ndim == 4:
            inputs = tuple(inputs)  # not to be stacked
        return super().forward(inputs, data_samples, mode)

    def extract_feat(self, inputs: Tensor) -> Features:
        """The feature maps that the head gets for a batch (B, C, H, W).

        Raises:
            TypeError: ``inputs`` is something else, such as several sizes of each picture.
        """
        if not isinstance(inputs, Tensor):
            raise TypeError(
                f'The inputs are a {type(inputs).__name__} of {len(inputs)}; give one batch '
                "(B, C, H, W). Only mode='predict' takes pictures of several sizes."
            )
        return super().extract_feat(inputs)

    def loss(self, inputs: Tensor, data_samples: SampleList) -> dict[str, Tensor]:
        """The head's losses for a batch (B, C, H, W); none without a head."""
        feats = self.extract_feat(inputs)
        if not self.with_head:
            return {}
        return self.head.loss(feats, data_samples, train_cfg=self.train_cfg)

    def predict(self, inputs: Tensor | Sequence[Tensor], data_samples: SampleList) -> SampleList:
        """The samples with ``pred_instances`` and, where asked for, ``pred_fields``.

        Args:
            inputs: (B, C, H, W); with ``multiscale_test`` one such batch for each size, the first
                of the size that ``input_size`` tells of.
            data_samples: The samples. Of their metainfo are read ``pad_shape`` (h, w), the part of
                the batch that is the sample's own, and where the input lies in its image.

        Raises:
            RuntimeError: There is no head.
            ValueError: The inputs and ``multiscale_test`` or ``aug_scales`` do not go together.
        """
        self.check_head()
        sizes = [inputs] if isinstance(inputs, Tensor) else list(inputs)
        self._check_sizes(sizes, data_samples)
        instances: dict = {}
        fields: dict = {}
        for indices, pictures in _by_shape(sizes, data_samples):
            preds = self._predict_group(pictures, [data_samples[i] for i in indices])
            group, group_fields = preds if isinstance(preds, tuple) else (preds, None)
            check_number(group, indices)
            instances |= zip(indices, group, strict=True)
            fields |= zip(indices, group_fields or (), strict=False)
        order = range(len(data_samples))
        return self.add_pred_to_datasample(
            [instances[i] for i in order],
            [fields[i] for i in order] if fields else None,
            data_samples,
        )

    def add_pred_to_datasample(
        self,
        batch_pred_instances: InstanceList,
        batch_pred_fields: PixelDataList | None,
        batch_data_samples: SampleList,
    ) -> SampleList:
        """The samples with their predictions, in pixels of the image.

        ``keypoints_visible`` are the scores where the head predicts none. There are ``bboxes`` and
        ``bbox_scores`` where the head gives them.

        Args:
            batch_pred_instances: Keypoints (N, K, D) and perhaps ``bboxes`` (N, 4), xyxy, in pixels
                of the input, and scores (N, K).
            batch_pred_fields: Maps; ``None`` for none.
            batch_data_samples: The samples, which are changed.

        Raises:
            ValueError: The numbers of predictions and samples differ.
        """
        check_number(batch_pred_instances, batch_data_samples)
        indices = self.test_cfg.get('output_keypoint_indices')
        fields = batch_pred_fields or [None] * len(batch_data_samples)
        for sample, instances, field in zip(
            batch_data_samples, batch_pred_instances, fields, strict=True
        ):
            for name, values in instances.items():
                if isinstance(values, Tensor):
                    instances.set_field(to_numpy(values), name)
            points = instances.keypoints[..., :2]
            instances.keypoints[..., :2] = input_to_image(points, sample.metainfo)
            if 'bboxes' in instances:
                corners = instances.bboxes.reshape(-1, 2, 2)
                corners = input_to_image(corners, sample.metainfo).astype(corners.dtype)
                instances.bboxes = corners.reshape(-1, 4)
            if 'keypoints_visible' not in instances:
                instances.keypoints_visible = instances.keypoint_scores
            if indices is not None:
                select_keypoints(instances, field, indices)
            sample.pred_instances = instances
            if field is not None:
                sample.pred_fields = field
        return batch_data_samples

    def _predict_group(self, pictures: Sequence[Tensor], samples: SampleList) -> Predictions:
        """The head's predictions for samples of one shape.

        Args:
            pictures: (B, C, h, w) of each size.
            samples: The B samples.
        """
        feats = [self._views(each) for each in pictures]
        if not self.test_cfg.get('multiscale_test', False):
            feats = feats[0]
        return self.head.predict(feats, samples, test_cfg=self.test_cfg)

    def _views(self, pictures: Tensor) -> Features | list[Features]:
        feats = self.extract_feat(pictures)
        if not self.test_cfg.get('flip_test', False):
            return feats
        return [feats, self.extract_feat(pictures.flip(-1))]

    def _check_sizes(self, sizes: Sequence[Tensor], data_samples: SampleList) -> None:
        several = self.test_cfg.get('multiscale_test', False)
        if not several and len(sizes) > 1:
            raise ValueError(
                f'The inputs are {len(sizes)} sizes of each picture; set `multiscale_test=True` in '
                'test_cfg, or `aug_scales=None` of BottomupResize.'
            )
        scales = data_samples[0].get('aug_scales') if data_samples else None
        expected = len(sizes) if scales is None else 1 + len(scales)
        if several and (len(sizes) != expected or len(sizes) < 2):
            raise ValueError(
                f'multiscale_test gets {len(sizes)} sizes of each picture with '
                f'aug_scales={scales}; give the input and one picture more for each of the '
                '`aug_scales` of BottomupResize, or set `multiscale_test=False`.'
            )


def _by_shape(
    sizes: Sequence[Tensor], data_samples: SampleList
) -> Iterator[tuple[list[int], list[Tensor]]]:
    """Indices of the samples of one shape after the other, and their pictures without padding.

    ``batch_input_shape`` of the samples becomes what is left.
    """
    groups: dict[tuple, list[int]] = {}
    for i, sample in enumerate(data_samples):
        groups.setdefault(_own_shapes(sample, sizes), []).append(i)
    for shapes, indices in groups.items():
        everyone = len(groups) == 1
        pictures = [
            (size if everyone else size[indices])[..., :h, :w]
            for size, (h, w) in zip(sizes, shapes, strict=True)
        ]
        for i in indices:
            data_samples[i].set_field(shapes[0], 'batch_input_shape', field_type='metainfo')
        yield indices, pictures


def _own_shapes(sample: PoseDataSample, sizes: Sequence[Tensor]) -> tuple[tuple[int, int], ...]:
    """(h, w) of the sample's picture of each size, within a batch that may be larger."""
    known = [sample.get('pad_shape'), *sample.get('aug_pad_shapes', ())]
    return tuple(
        tuple(size.shape[-2:] if shape is None else shape)
        for size, shape in zip_longest(sizes, known)
    )
