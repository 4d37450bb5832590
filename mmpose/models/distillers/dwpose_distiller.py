"""Training of a pose estimator by a larger one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import torch
from mmengine.config import Config
from mmengine.logging import MessageHub
from mmengine.model import BaseModel, initialize
from torch import Tensor, nn

from mmpose.registry import MODELS
from mmpose.utils.checkpoint import load_checkpoint_file, load_state_dict_checked
from mmpose.utils.resources import resource_path

from ..pose_estimators.base import check_chain

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

_LOSSES = dict(loss_fea='the last feature maps', loss_logit='the logits of the heads')


@MODELS.register_module()
class DWPoseDistiller(BaseModel):
    """Two-stage distillation of pose estimators with SimCC heads.

    In the first stage a student learns from labels, and from a larger teacher's features and
    logits; the teacher's part fades out linearly over the epochs. In the second stage the student
    keeps the first one's backbone and neck, frozen, and learns a new head from the logits alone.
    ``tools/misc/pth_transfer.py`` makes the student's checkpoint from the distiller's.

    Paper: `Yang et al., ICCVW 2023, DWPose <https://arxiv.org/abs/2307.15880>`_. The teacher
    always works in evaluation mode. In the second stage the student's backbone is the teacher's
    itself, so a checkpoint holds the same weights under both names.

    Args:
        teacher_cfg: Config of the teacher's training: a file, found as in
            :func:`mmpose.utils.resources.resource_path`, or its content.
        student_cfg: The student's, likewise.
        two_dis: Whether this is the second stage.
        distill_cfg: Dicts whose ``methods`` are configs of losses between student and teacher, by
            ``name``: ``'loss_fea'`` is given the last feature maps, ``'loss_logit'`` the logits.
            Those with ``use_this=False`` are left out.
        teacher_pretrained: The teacher's weights; ``None``: those that its own config names.
        train_cfg: Passed to the student's head; ``None`` for the student's own.
        data_preprocessor: From collated samples to a batch.
        init_cfg: Initialisation on top of the student's and the teacher's.

    Raises:
        ValueError: A loss has another name, or is one of features in the second stage, whose
            student and teacher share these.
    """

    def __init__(
        self,
        teacher_cfg: str | ConfigType,
        student_cfg: str | ConfigType,
        two_dis: bool = False,
        distill_cfg: Sequence[Mapping] | None = None,
        teacher_pretrained: str | None = None,
        train_cfg: OptConfigType = None,
        data_preprocessor: OptConfigType = None,
        init_cfg: OptMultiConfig = None,
    ) -> None:
        if isinstance(data_preprocessor, dict):
            # MMEngine would look in its own registry unless a default scope was set
            data_preprocessor = MODELS.build(data_preprocessor)
        super().__init__(data_preprocessor=data_preprocessor, init_cfg=init_cfg)
        # the teacher comes last, so that of what they share its weights are those that are loaded:
        # checkpoints of MMPose 1.x hold a backbone that the student never used
        self.student = _build(student_cfg)
        self.teacher = _build(teacher_cfg).requires_grad_(False).eval()
        self.two_dis = two_dis
        if two_dis:
            self.student.backbone = self.teacher.backbone
            self.student.neck = getattr(self.teacher, 'neck', None)
            check_chain([self.student.backbone, self.student.neck, self.student.head])
        self.distill_losses = nn.ModuleDict()
        for method in (method for place in distill_cfg or () for method in place['methods']):
            if method['use_this']:
                _check_loss(method['name'], two_dis)
                self.distill_losses[method['name']] = MODELS.build(method)
        self.teacher_pretrained = teacher_pretrained
        self.train_cfg = train_cfg if train_cfg else self.student.train_cfg
        self.test_cfg = self.student.test_cfg
        self.metainfo = self.student.metainfo

    def init_weights(self) -> None:
        """Initialise the student, in the second stage its head alone, and load the teacher."""
        (self.student.head if self.two_dis else self.student).init_weights()
        if self.teacher_pretrained is None:
            self.teacher.init_weights()
        else:
            weights = load_checkpoint_file(self.teacher_pretrained)
            load_state_dict_checked(
                self.teacher, weights, self.teacher_pretrained, logger='current'
            )
        if self.init_cfg:
            initialize(self, self.init_cfg)

    def train(self, mode: bool = True) -> DWPoseDistiller:
        """Set the mode of all but the teacher, and of what the student shares with it."""
        super().train(mode)
        self.teacher.eval()
        return self

    def set_epoch(self) -> None:
        """Set ``epoch``, from 0, and ``max_epochs`` to those of the run; outside one, to 0 of 1."""
        hub = MessageHub.get_current_instance()
        self.epoch = hub.get_info('epoch', 0)
        self.max_epochs = hub.get_info('max_epochs', 1)

    def forward(
        self,
        inputs: Tensor | list[Tensor],
        data_samples: OptSampleList = None,
        mode: str = 'tensor',
    ) -> ForwardResults:
        """What ``mode`` asks for, of the student; see :meth:`BasePoseEstimator.forward`."""
        if mode == 'loss':
            if isinstance(inputs, list):
                inputs = torch.stack(inputs)
            return self.loss(inputs, data_samples)
        return self.student(inputs, data_samples, mode)

    def extract_feat(self, inputs: Tensor) -> Features:
        """The student's feature maps for a batch (B, C, H, W)."""
        return self.student.extract_feat(inputs)

    def loss(self, inputs: Tensor, data_samples: SampleList) -> dict[str, Tensor]:
        """The losses of a batch (B, C, H, W).

        In the first stage they are those of the student's head and the fading ones of
        ``distill_cfg``; in the second the latter alone, beside the training accuracy.
        """
        self.set_epoch()
        with torch.no_grad():
            feats_t = self.teacher.extract_feat(inputs)
            logits_t = self.teacher.head(feats_t)
        feats = feats_t if self.two_dis else self.extract_feat(inputs)
        losses, logits, _, weights = self.head_loss(feats, data_samples, self.train_cfg)
        if self.two_dis:
            losses.pop(self.student.head.loss_name)
        fading = 1.0 if self.two_dis else 1 - self.epoch / self.max_epochs
        for name, module in self.distill_losses.items():
            if name == 'loss_fea':
                value = module(feats[-1], feats_t[-1])
            else:
                beta = getattr(self.student.head.loss_module, 'beta', 1.0)
                value = module(logits, logits_t, beta, weights)
            losses[name] = fading * value
        return losses

    def head_loss(
        self, feats: Features, batch_data_samples: SampleList, train_cfg: ConfigType = {}
    ) -> tuple[dict[str, Tensor], Any, Any, Any]:
        """The losses of the student's head, its logits, the targets and their weights.

        Args:
            feats: Feature maps.
            batch_data_samples: The samples, with the codec's targets.
            train_cfg: As the head's ``loss`` takes it.
        """
        head = self.student.head
        logits = head(feats)
        targets, weights = head.targets(batch_data_samples)
        return head.losses_of(logits, targets, weights, train_cfg), logits, targets, weights

    def predict(self, inputs: Tensor, data_samples: SampleList) -> SampleList:
        """The samples with the student's predictions."""
        return self.student(inputs, data_samples, mode='predict')


def _build(cfg: str | ConfigType) -> nn.Module:
    """The model of a config."""
    if isinstance(cfg, str):
        cfg = Config.fromfile(resource_path(cfg))
    return MODELS.build(cfg['model'])


def _check_loss(name: str, two_dis: bool) -> None:
    if name not in _LOSSES:
        known = ' and '.join(f'{key!r} ({what})' for key, what in _LOSSES.items())
        raise ValueError(f'distill_cfg names a loss {name!r}; there are {known}.')
    if two_dis and name == 'loss_fea':
        raise ValueError(
            "distill_cfg has 'loss_fea', but with two_dis=True the student has the teacher's own "
            'feature maps; remove it, or set `use_this=False`.'
        )
