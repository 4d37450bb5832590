"""The sample that travels between transforms, models, metrics and visualizers."""

from __future__ import annotations

from mmengine.structures import BaseDataElement, InstanceData, PixelData

from .multilevel_pixel_data import MultilevelPixelData


def _typed_field(name: str, types: type | tuple[type, ...], doc: str) -> property:
    """A property kept as ``_name`` that takes only values of ``types``."""
    key = f'_{name}'

    def getter(self: PoseDataSample) -> BaseDataElement:
        return getattr(self, key)

    def setter(self: PoseDataSample, value: BaseDataElement) -> None:
        self.set_field(value, key, dtype=types)

    def deleter(self: PoseDataSample) -> None:
        delattr(self, key)

    return property(getter, setter, deleter, doc)


class PoseDataSample(BaseDataElement):
    """Annotations and predictions of one model input, with facts about it as metainfo.

    A field takes only its own type; another raises ``AssertionError``. Top-down samples hold one
    instance, bottom-up samples all instances of the image. Axes: N instances, K keypoints.

    Example::

        >>> sample = PoseDataSample(metainfo=dict(img_shape=(480, 640)))
        >>> sample.pred_instances = InstanceData(keypoints=np.zeros((1, 17, 2)))
        >>> 'pred_instances' in sample, sample.img_shape
        (True, (480, 640))
    """

    gt_instances: InstanceData = _typed_field(
        'gt_instances',
        InstanceData,
        'Annotations per instance: ``bboxes`` (N, 4) xyxy, ``keypoints`` (N, K, D), ...',
    )
    gt_instance_labels: InstanceData = _typed_field(
        'gt_instance_labels',
        InstanceData,
        'Encoded targets per instance: ``keypoint_weights`` (N, K), ``keypoint_labels``, ...',
    )
    gt_fields: PixelData | MultilevelPixelData = _typed_field(
        'gt_fields',
        (PixelData, MultilevelPixelData),
        'Encoded targets per pixel: ``heatmaps`` (K, H, W), ...',
    )
    pred_instances: InstanceData = _typed_field(
        'pred_instances',
        InstanceData,
        'Predictions per instance: ``keypoints`` (N, K, D), ``keypoint_scores`` (N, K), ...',
    )
    pred_fields: PixelData | MultilevelPixelData = _typed_field(
        'pred_fields',
        (PixelData, MultilevelPixelData),
        'Predictions per pixel: ``heatmaps`` (K, H, W), ...',
    )
