"""What every pose estimator shares: its parts, its modes and its weights' history."""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch
from mmengine.model import BaseModel
from torch import Tensor, nn

from mmpose.models.utils import check_and_update_config
from mmpose.registry import MODELS
from mmpose.structures.metainfo import parse_pose_metainfo

if TYPE_CHECKING:
    from mmpose.utils.typing import (
        ConfigType,
        Features,
        ForwardResults,
        OptConfigType,
        OptMultiConfig,
        OptSampleList,
        SampleList,
    )


class BasePoseEstimator(BaseModel, metaclass=ABCMeta):
    """A data preprocessor, a backbone, perhaps a neck, and a head.

    Args:
        backbone: From pictures to feature maps.
        neck: From feature maps to feature maps; ``None`` for none.
        head: From feature maps to keypoints; ``None`` to extract features only.
        train_cfg: Settings of the training, passed to the head's ``loss``.
        test_cfg: Settings of the prediction, passed to the head's ``predict``.
        data_preprocessor: From collated samples to a batch.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.
        metainfo: Definition of the keypoints, as :func:`parse_pose_metainfo` takes it, where it
            is not that of the data set; ``None`` leaves the samples' own.
        use_syncbn: Whether batch norm shares its statistics between processes.

    Raises:
        ValueError: The head expects other channels than it would get.
    """

    _version = 2

    def __init__(
        self,
        backbone: ConfigType,
        neck: OptConfigType = None,
        head: OptConfigType = None,
        train_cfg: OptConfigType = None,
        test_cfg: OptConfigType = None,
        data_preprocessor: OptConfigType = None,
        init_cfg: OptMultiConfig = None,
        metainfo: dict | None = None,
        use_syncbn: bool = False,
    ) -> None:
        if isinstance(data_preprocessor, dict):
            # MMEngine would look in its own registry unless a default scope was set
            data_preprocessor = MODELS.build(data_preprocessor)
        super().__init__(data_preprocessor=data_preprocessor, init_cfg=init_cfg)
        self.metainfo = None if metainfo is None else parse_pose_metainfo(metainfo)
        self.train_cfg = train_cfg if train_cfg else {}
        self.test_cfg = test_cfg if test_cfg else {}

        neck, head = check_and_update_config(neck, head)
        self.backbone = MODELS.build(backbone)
        if neck is not None:
            self.neck = MODELS.build(neck)
        if head is not None:
            self.head = MODELS.build(head)
            self.head.test_cfg = self.test_cfg.copy()
        check_chain([self.backbone, getattr(self, 'neck', None), getattr(self, 'head', None)])
        if use_syncbn:
            nn.SyncBatchNorm.convert_sync_batchnorm(self)

    @property
    def with_neck(self) -> bool:
        """Whether there is a neck."""
        return getattr(self, 'neck', None) is not None

    @property
    def with_head(self) -> bool:
        """Whether there is a head."""
        return getattr(self, 'head', None) is not None

    def check_head(self) -> None:
        """Check that there is a head to predict with.

        Raises:
            RuntimeError: There is none.
        """
        if not self.with_head:
            raise RuntimeError(
                f"{type(self).__name__} has no head; use mode='tensor' for features."
            )

    def switch_to_deploy(self) -> None:
        """Bring every part that has another form for inference into that form, for good.

        Parts may read ``test_cfg``, such as ``input_size`` where positions are computed once.
        """
        for module in list(self.modules())[1:]:
            if hasattr(module, 'switch_to_deploy'):
                module.switch_to_deploy(self.test_cfg)

    def forward(
        self,
        inputs: Tensor | list[Tensor],
        data_samples: OptSampleList = None,
        mode: str = 'tensor',
    ) -> ForwardResults:
        """What ``mode`` asks for.

        Args:
            inputs: (B, C, H, W), as the data preprocessor returns it.
            data_samples: The samples; needed for all but ``'tensor'``.
            mode: ``'loss'`` for a dict of losses, ``'predict'`` for the samples with predictions,
                ``'tensor'`` for the head's raw outputs (without a head, the feature maps).

        Raises:
            ValueError: The mode is unknown.
        """
        if isinstance(inputs, list):
            inputs = torch.stack(inputs)
        if mode == 'loss':
            return self.loss(inputs, data_samples)
        if mode == 'predict':
            if self.metainfo is not None:
                for sample in data_samples:
                    sample.set_metainfo(self.metainfo)
            return self.predict(inputs, data_samples)
        if mode == 'tensor':
            return self._forward(inputs)
        raise ValueError(f"mode is {mode!r}; choose 'loss', 'predict' or 'tensor'.")

    def extract_feat(self, inputs: Tensor) -> Features:
        """The feature maps that the head gets for a batch (B, C, H, W)."""
        feats = self.backbone(inputs)
        return self.neck(feats) if self.with_neck else feats

    def _forward(self, inputs: Tensor) -> Features | Any:
        feats = self.extract_feat(inputs)
        return self.head(feats) if self.with_head else feats

    @abstractmethod
    def loss(self, inputs: Tensor, data_samples: SampleList) -> dict[str, Tensor]:
        """The losses of a batch."""

    @abstractmethod
    def predict(self, inputs: Tensor, data_samples: SampleList) -> SampleList:
        """The samples with ``pred_instances`` in pixels of the image."""

    def _load_from_state_dict(
        self, state_dict: dict, prefix: str, local_metadata: dict, *args: Any
    ) -> None:
        if (local_metadata.get('version') or 1) < 2:
            # releases 0.x called the head `keypoint_head`
            old, new = f'{prefix}keypoint_head.', f'{prefix}head.'
            for key in [key for key in state_dict if key.startswith(old)]:
                state_dict[new + key.removeprefix(old)] = state_dict.pop(key)
        super()._load_from_state_dict(state_dict, prefix, local_metadata, *args)


def check_chain(modules: Sequence[nn.Module | None]) -> None:
    """Check that modules in a row agree on the channels between them, where these are known.

    A module says what it takes by ``in_channels``: of all feature maps, or of the last as a single
    number. It says what it returns by ``out_channels``, a tuple, or by ``out_channels_after``, a
    method, where that depends on what it gets.

    Args:
        modules: From the backbone to the head; ``None`` is passed over.

    Raises:
        ValueError: Two of them differ.
    """
    source, given = None, None
    for module in filter(None, modules):
        wanted = getattr(module, 'in_channels', None)
        if given is not None and wanted is not None:
            _check_channels(source, given, module, wanted)
        if hasattr(module, 'out_channels_after'):
            given = given and module.out_channels_after(given)
        else:
            given = getattr(module, 'out_channels', None)
        source, given = module, given if isinstance(given, tuple) else None


def _check_channels(
    source: nn.Module, given: tuple[int, ...], target: nn.Module, wanted: int | Sequence[int]
) -> None:
    several = isinstance(wanted, Sequence)
    returned = given if several else given[-1]
    if (tuple(wanted) if several else wanted) != returned:
        raise ValueError(
            f'{type(source).__name__} returns {returned} channels and {type(target).__name__} '
            f'expects in_channels={wanted}; set `in_channels` of {type(target).__name__} to '
            f'{returned}, or choose another {type(source).__name__}.'
        )
