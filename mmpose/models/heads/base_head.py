"""The skeleton of every head: forward, loss and prediction, with hooks for a family to fill."""

from __future__ import annotations

import warnings
from abc import ABCMeta, abstractmethod
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from mmengine.model import BaseModule
from mmengine.structures import InstanceData
from torch import Tensor

from mmpose.utils.tensor_utils import to_numpy

from ..utils.tta import check_flip_indices, mean_outputs

if TYPE_CHECKING:
    from mmengine.structures import PixelData

    from mmpose.codecs import BaseKeypointCodec
    from mmpose.utils.typing import ConfigType, Features, InstanceList, SampleList


class BaseHead(BaseModule, metaclass=ABCMeta):
    """Keypoints from feature maps.

    :meth:`predict` and :meth:`loss` are skeletons around hooks. A family of heads writes the hooks
    once: :meth:`final_outputs`, :meth:`flip_back`, :meth:`decoder_input` and
    :meth:`heatmap_fields` for prediction, :meth:`targets`, :meth:`criterion` and :meth:`accuracy`
    for the loss. A head then writes ``__init__`` and ``forward``, and sets ``loss_module`` and
    ``decoder``.

    Attributes:
        decoder: Codec that turns outputs into keypoints, or ``None``.
        test_cfg: That of the pose estimator.
        loss_name: Key of the loss in logs.
        accuracy_name: Key of the training accuracy.
    """

    decoder: BaseKeypointCodec | None = None
    test_cfg: ConfigType = {}
    loss_name: ClassVar[str] = 'loss_kpt'
    accuracy_name: ClassVar[str] = 'acc_pose'

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
            ValueError: The samples have several ``flip_indices``, or another input size than the
                decoder.
        """
        self.check_input_size(batch_data_samples)
        outputs = self.averaged_outputs(feats, batch_data_samples, test_cfg)
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
        return self.losses_of(outputs, *self.targets(batch_data_samples), train_cfg)

    def losses_of(
        self, outputs: Any, targets: Any, weights: Any, train_cfg: ConfigType = {}
    ) -> dict[str, Tensor]:
        """What :meth:`loss` returns, for outputs and targets that are known already.

        Args:
            outputs: What ``forward`` returned.
            targets: As of :meth:`targets`.
            weights: As of :meth:`targets`.
            train_cfg: Settings of the training.
        """
        losses = {self.loss_name: self.criterion(outputs, targets, weights)}
        if train_cfg.get('compute_acc', True):
            losses[self.accuracy_name] = self.accuracy(outputs, targets, weights)
        return losses

    def decode(self, batch_outputs: Tensor | tuple[Tensor, ...]) -> InstanceList:
        """Keypoints (N, K, D) and scores (N, K) of each sample, in pixels of the model's input.

        Args:
            batch_outputs: As for :meth:`decoded_values`.

        Raises:
            RuntimeError: The head has no decoder.
        """
        return [_instances(*values) for values in self.decoded_values(batch_outputs)]

    def decoded_values(self, batch_outputs: Tensor | tuple[Tensor, ...]) -> Iterable[tuple]:
        """What the decoder returns for each sample: keypoints, scores and perhaps more.

        Outputs on a GPU are decoded there where the decoder can, so that only keypoints are
        copied. On a CPU, NumPy is faster whatever the size of the batch.

        Args:
            batch_outputs: What the decoder reads, with the batch as first axis: a tensor, or a
                tuple of tensors that are passed to it one by one.

        Raises:
            RuntimeError: The head has no decoder.
        """
        self.check_decoder()
        outputs = _as_tuple(batch_outputs)
        if _are_on_gpu(outputs) and self.decoder.support_tensor_decoding:
            return zip(*to_numpy(self.decoder.decode_tensors(*outputs)), strict=True)
        if self.decoder.support_batch_decoding:
            keypoints, scores, *more = self.decoder.batch_decode(*outputs)
            # codecs that know the visibility return it beside the scores
            return zip(keypoints, *_as_tuple(scores), *more, strict=True)
        samples = to_numpy(batch_outputs, unzip=True)
        return (self.decoder.decode(*_as_tuple(sample)) for sample in samples)

    def check_decoder(self) -> None:
        """Check that there is a decoder.

        Raises:
            RuntimeError: There is none.
        """
        if self.decoder is None:
            raise RuntimeError(
                f'{type(self).__name__} has no decoder to turn its outputs into keypoints; set '
                "`decoder` in the head's config to the codec that encodes the targets."
            )

    def check_input_size(self, batch_data_samples: SampleList) -> None:
        """Check that the decoder scales to the inputs that the samples map to their images.

        Raises:
            ValueError: It does not; keypoints would end up beside the person.
        """
        codec = getattr(self.decoder, 'keypoint_codec', self.decoder)
        wanted = getattr(codec, 'input_size', getattr(codec, 'image_size', None))
        if wanted is None:
            return
        wanted = tuple(map(int, wanted))
        for sample in batch_data_samples:
            size = tuple(map(int, sample.metainfo.get('input_size', wanted)))
            if size != wanted:
                raise ValueError(
                    f'A sample has the input size {size} and the decoder of {type(self).__name__} '
                    f'{wanted} (w, h); set the input size of the pipeline and of the codec to the '
                    'same.'
                )

    def averaged_outputs(
        self, feats: Features | Sequence[Features], batch_data_samples: SampleList, test_cfg: dict
    ) -> Any:
        """The final outputs; in a flip test their mean with those for the mirror images.

        The arguments and errors are those of :meth:`predict`.
        """
        if not test_cfg.get('flip_test', False):
            return self.final_outputs(feats, test_cfg)
        check_flip_indices(batch_data_samples)
        plain, flipped = (self.final_outputs(each, test_cfg) for each in feats)
        metainfo = batch_data_samples[0].metainfo
        return mean_outputs(plain, self.flip_back(flipped, metainfo, test_cfg))

    def final_outputs(self, feats: Features, test_cfg: ConfigType) -> Any:
        """The outputs that :meth:`predict` works with; all by default."""
        return self(feats)

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
        raise NotImplementedError(_no_heatmaps(self))

    def targets(self, batch_data_samples: SampleList) -> tuple[Any, Any]:
        """The targets and their weights for the loss, stacked over the batch."""
        raise NotImplementedError(f'{type(self).__name__} defines no training targets.')

    def criterion(self, outputs: Any, targets: Any, weights: Any) -> Tensor:
        """The loss, a scalar."""
        return self.loss_module(outputs, targets, weights)

    def accuracy(self, outputs: Any, targets: Any, weights: Any) -> Tensor:
        """The training accuracy, a scalar on the device of the outputs."""
        raise NotImplementedError(f'{type(self).__name__} defines no training accuracy.')


def warn_of_no_heatmaps(head: BaseModule, test_cfg: ConfigType) -> None:
    """Warn if heatmaps are wanted of a head that has none, and that 1.x let pass over the wish.

    Warns:
        UserWarning: ``test_cfg`` has ``output_heatmaps``.
    """
    if test_cfg.get('output_heatmaps', False):
        warnings.warn(f'{_no_heatmaps(head)} None are returned.', stacklevel=1)


def _no_heatmaps(head: BaseModule) -> str:
    return (
        f'{type(head).__name__} predicts no heatmaps; set `output_heatmaps=False` in test_cfg, or '
        '`draw_heatmap=False` of an inferencer.'
    )


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
