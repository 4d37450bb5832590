"""The skeleton of every head: forward, loss and prediction, with hooks for a family to fill."""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mmengine.model import BaseModule
from mmengine.structures import InstanceData
from torch import Tensor

from mmpose.utils.tensor_utils import to_numpy

from ..utils.tta import mean_outputs

if TYPE_CHECKING:
    from mmengine.structures import PixelData

    from mmpose.codecs import BaseKeypointCodec
    from mmpose.utils.typing import ConfigType, Features, InstanceList, SampleList


class BaseHead(BaseModule, metaclass=ABCMeta):
    """Keypoints from feature maps.

    :meth:`predict` and :meth:`loss` are skeletons around hooks. A family of heads writes the hooks
    once: :meth:`flip_back`, :meth:`decoder_input` and :meth:`heatmap_fields` for prediction,
    :meth:`targets` and :meth:`accuracy` for the loss. A head then writes ``__init__`` and
    ``forward``, and sets ``loss_module`` and ``decoder``.

    Attributes:
        decoder: Codec that turns outputs into keypoints, or ``None``.
        test_cfg: That of the pose estimator.
    """

    decoder: BaseKeypointCodec | None = None
    test_cfg: ConfigType = {}

    @abstractmethod
    def forward(self, feats: Features) -> Any:
        """The outputs for feature maps; a tensor, or a tuple or list of tensors."""

    def predict(
        self,
        feats: Features | Sequence[Features],
        batch_data_samples: SampleList,
        test_cfg: ConfigType = {},
    ) -> InstanceList | tuple[InstanceList, list[PixelData]]:
        """Keypoints in pixels of the model's input, one ``InstanceData`` per sample.

        Args:
            feats: Feature maps; with ``flip_test`` those of the picture and of its mirror image.
            batch_data_samples: The samples, with ``flip_indices`` in their metainfo.
            test_cfg: ``flip_test``, ``output_heatmaps`` (to return fields beside the keypoints)
                and what :meth:`flip_back` of the family reads.

        Raises:
            KeyError: A flip test lacks ``flip_indices``.
        """
        if test_cfg.get('flip_test', False):
            plain, flipped = feats
            metainfo = batch_data_samples[0].metainfo
            if 'flip_indices' not in metainfo:
                raise KeyError(
                    'flip_test needs `flip_indices` in the samples; add it to `meta_keys` of '
                    '`PackPoseInputs`, or set `flip_test=False`.'
                )
            outputs = mean_outputs(self(plain), self.flip_back(self(flipped), metainfo, test_cfg))
        else:
            outputs = self(feats)
        preds = self.decode(self.decoder_input(outputs))
        if test_cfg.get('output_heatmaps', False):
            return preds, self.heatmap_fields(outputs, preds)
        return preds

    def loss(
        self, feats: Features, batch_data_samples: SampleList, train_cfg: ConfigType = {}
    ) -> dict[str, Tensor]:
        """The losses, and the training accuracy unless ``train_cfg`` has ``compute_acc=False``.

        Args:
            feats: Feature maps.
            batch_data_samples: The samples, with the codec's targets.
            train_cfg: Settings of the training.
        """
        outputs = self(feats)
        targets, weights = self.targets(batch_data_samples)
        losses = dict(loss_kpt=self.loss_module(outputs, targets, weights))
        if train_cfg.get('compute_acc', True):
            losses['acc_pose'] = self.accuracy(outputs, targets, weights)
        return losses

    def decode(self, batch_outputs: Tensor | tuple[Tensor, ...]) -> InstanceList:
        """Keypoints (N, K, D) and scores (N, K) of each sample, in pixels of the model's input.

        Outputs on a GPU are decoded there where the decoder can, so that only keypoints are
        copied. On a CPU, NumPy is faster whatever the size of the batch.

        Args:
            batch_outputs: What the decoder reads, with the batch as first axis: a tensor, or a
                tuple of tensors that are passed to it one by one.

        Raises:
            RuntimeError: The head has no decoder.
        """
        if self.decoder is None:
            raise RuntimeError(
                f'{type(self).__name__} has no decoder to turn its outputs into keypoints; set '
                "`decoder` in the head's config to the codec that encodes the targets."
            )
        outputs = _as_tuple(batch_outputs)
        if _are_on_gpu(outputs) and self.decoder.support_tensor_decoding:
            decoded = zip(*to_numpy(self.decoder.decode_tensors(*outputs)), strict=True)
        elif self.decoder.support_batch_decoding:
            keypoints, scores = self.decoder.batch_decode(*outputs)
            # codecs that know the visibility return it beside the scores
            columns = (keypoints, *scores) if isinstance(scores, tuple) else (keypoints, scores)
            decoded = zip(*columns, strict=True)
        else:
            decoded = (
                self.decoder.decode(*_as_tuple(sample))
                for sample in to_numpy(batch_outputs, unzip=True)
            )
        return [_instances(*each) for each in decoded]

    def flip_back(self, outputs: Any, metainfo: dict, test_cfg: ConfigType) -> Any:
        """The outputs for mirror images, mapped onto those for the pictures.

        Args:
            outputs: What ``forward`` returned for the mirror images.
            metainfo: Of a sample; it holds ``flip_indices``.
            test_cfg: The settings given to :meth:`predict`.
        """
        raise NotImplementedError(
            f'{type(self).__name__} cannot average over mirror images; set `flip_test=False`.'
        )

    def decoder_input(self, outputs: Any) -> Any:
        """What of the outputs the decoder reads; all by default."""
        return outputs

    def heatmap_fields(self, outputs: Any, preds: InstanceList) -> list[PixelData]:
        """The outputs of each sample as a picture, for display.

        Args:
            outputs: What ``forward`` returned.
            preds: What was decoded from it, which the hook may add to.
        """
        raise NotImplementedError(
            f'{type(self).__name__} predicts no heatmaps; set `output_heatmaps=False`.'
        )

    def targets(self, batch_data_samples: SampleList) -> tuple[Any, Any]:
        """The targets and their weights for the loss, stacked over the batch."""
        raise NotImplementedError(f'{type(self).__name__} defines no training targets.')

    def accuracy(self, outputs: Any, targets: Any, weights: Any) -> Tensor:
        """The training accuracy, a scalar on the device of the outputs."""
        raise NotImplementedError(f'{type(self).__name__} defines no training accuracy.')


def _as_tuple(values: Any) -> tuple:
    return values if isinstance(values, tuple) else (values,)


def _are_on_gpu(outputs: tuple) -> bool:
    return all(isinstance(output, Tensor) and output.is_cuda for output in outputs)


def _instances(keypoints: Any, scores: Any, visible: Any = None) -> InstanceData:
    """One sample's instances; a decoder may give (scores, visibility) in place of the scores."""
    if isinstance(scores, tuple):
        scores, visible = scores
    instances = InstanceData(keypoints=keypoints, keypoint_scores=scores)
    if visible is not None:
        instances.keypoints_visible = visible
    return instances
