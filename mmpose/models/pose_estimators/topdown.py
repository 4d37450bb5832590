"""Top-down estimation: one person (animal, hand, ...) per picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import Tensor

from mmpose.registry import MODELS

from .base import BasePoseEstimator
from .predictions import check_number, input_to_image, select_keypoints

if TYPE_CHECKING:
    from mmpose.utils.typing import InstanceList, PixelDataList, SampleList


@MODELS.register_module()
class TopdownPoseEstimator(BasePoseEstimator):
    """Keypoints of the instance that each picture was cropped around.

    ``test_cfg`` may have ``flip_test`` (average over the picture and its mirror image),
    ``output_heatmaps`` (return fields beside the keypoints), ``output_keypoint_indices`` (the
    keypoints to return, by index) and what the head reads.

    The arguments are those of :class:`BasePoseEstimator`.
    """

    def loss(self, inputs: Tensor, data_samples: SampleList) -> dict[str, Tensor]:
        """The head's losses for a batch (B, C, H, W); none without a head."""
        feats = self.extract_feat(inputs)
        if not self.with_head:
            return {}
        return self.head.loss(feats, data_samples, train_cfg=self.train_cfg)

    def predict(self, inputs: Tensor, data_samples: SampleList) -> SampleList:
        """The samples with ``pred_instances`` and, where asked for, ``pred_fields``.

        Args:
            inputs: (B, C, H, W).
            data_samples: The samples; their metainfo says where each crop lies in its image.

        Raises:
            RuntimeError: There is no head.
        """
        self.check_head()
        feats = self.extract_feat(inputs)
        if self.test_cfg.get('flip_test', False):
            feats = [feats, self.extract_feat(inputs.flip(-1))]
        preds = self.head.predict(feats, data_samples, test_cfg=self.test_cfg)
        instances, fields = preds if isinstance(preds, tuple) else (preds, None)
        return self.add_pred_to_datasample(instances, fields, data_samples)

    def add_pred_to_datasample(
        self,
        batch_pred_instances: InstanceList,
        batch_pred_fields: PixelDataList | None,
        batch_data_samples: SampleList,
    ) -> SampleList:
        """The samples with their predictions, in pixels of the image.

        Args:
            batch_pred_instances: Keypoints (N, K, D) in pixels of the input, and scores (N, K).
            batch_pred_fields: Heatmaps; ``None`` for none.
            batch_data_samples: The samples, which are changed.
        """
        check_number(batch_pred_instances, batch_data_samples)
        indices = self.test_cfg.get('output_keypoint_indices')
        fields = batch_pred_fields or [None] * len(batch_data_samples)
        for sample, instances, field in zip(
            batch_data_samples, batch_pred_instances, fields, strict=True
        ):
            points = instances.keypoints[..., :2]
            instances.keypoints[..., :2] = input_to_image(points, sample.metainfo)
            if 'keypoints_visible' not in instances:
                instances.keypoints_visible = instances.keypoint_scores
            if indices is not None:
                select_keypoints(instances, field, indices)
            instances.bboxes = sample.gt_instances.bboxes
            instances.bbox_scores = sample.gt_instances.bbox_scores
            sample.pred_instances = instances
            if field is not None:
                sample.pred_fields = field
        return batch_data_samples
