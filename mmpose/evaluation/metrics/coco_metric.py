"""Average precision of keypoints on data sets in the COCO format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from mmengine.fileio import dump, load
from mmengine.logging import print_log

from mmpose.registry import METRICS

from ..analysis import records_of_coco, run_analysis
from ..functional import (
    KeypointDetections,
    coco_stats,
    crowd_stats,
    match_by_oks,
    transform_sigmas,
)
from .coco_ground_truth import (
    CocoGroundTruth,
    of_keypoints,
    parse_coco,
    samples_to_coco,
    truth_of,
)
from .coco_poses import (
    NMS_MODES,
    SCORE_MODES,
    Poses,
    SamplePrediction,
    extent,
    gather_poses,
    pose_scores,
    prediction_of,
    suppress,
)
from .gathering import GatheringMetric
from .mismatch import warn_of_distance, warn_of_strangers

_CHOICES = dict(
    iou_type=('keypoints', 'keypoints_crowd'), score_mode=SCORE_MODES, nms_mode=NMS_MODES
)


@dataclass
class _Result:
    """What is kept of a data sample.

    Not a tuple or dictionary: BaseMetric searches those for tensors, which there are none of here,
    and that takes as long as the whole evaluation.
    """

    prediction: SamplePrediction
    truth: dict | None


@METRICS.register_module()
class CocoMetric(GatheringMetric):
    """COCO average precision and recall by object keypoint similarity (OKS), between 0 and 1.

    The numbers are ``AP``, ``AP .5``, ``AP .75``, ``AP (M)``, ``AP (L)`` and ``AR`` alike, or for
    crowds ``AP(E)``, ``AP(M)`` and ``AP(H)`` in place of the sizes; -1 where there is nothing to
    find. Sigmas come from the metainfo of the data set. A detection whose keypoints all score 0
    does not count, and a repeated instance id (the padding of distributed runs) counts once.

    Args:
        ann_file: COCO annotation file with the ground truth of all images. ``None`` rebuilds it
            from ``raw_ann_info`` of the data samples.
        use_area: Whether ``area`` of an annotation is its size; else 0.53 times that of its box.
        iou_type: 'keypoints', or 'keypoints_crowd' for precision by crowd level.
        score_mode: What ranks detections: 'bbox', the score of the box; 'keypoint', the mean
            score of the keypoints; 'bbox_keypoint', the box score times the mean of the keypoint
            scores above ``keypoint_score_thr``; 'bbox_rle', the sum of the box score and the mean
            and highest keypoint scores.
        keypoint_score_thr: See ``score_mode``.
        nms_mode: How poses of one image that resemble each other are thinned out: 'oks_nms',
            'soft_oks_nms' (which keeps the best 20), or 'none'.
        nms_thr: Similarity above which a pose goes; the width of the Gaussian of 'soft_oks_nms'.
        format_only: Whether to write the results and compute nothing, as for a test server.
        pred_converter: ``num_keypoints`` and ``mapping``, (source, target) indices, that bring
            predictions to the keypoints of the evaluation; ``None`` leaves them.
        gt_converter: The same for annotations and sigmas.
        outfile_prefix: Path and start of the name of the files to write,
            ``{prefix}.keypoints.json`` and, without ``ann_file``, ``{prefix}.gt.json``; ``None``
            writes no file.
        collect_device: 'cpu' or 'gpu', where results of several processes are gathered.
        prefix: Start of the names of the numbers; ``None`` means 'coco'.
        analysis: Whether to analyse the errors: tables go to the log, and :attr:`report` has what
            :func:`mmpose.evaluation.analysis.analyse` returns. The path of an ``.npz`` file has
            the poses written there, too, for ``mmpose report``.

    Raises:
        ValueError: An argument has none of its values, ``format_only`` comes without
            ``outfile_prefix``, or ``ann_file`` is no COCO keypoint file.
    """

    default_prefix: str | None = 'coco'
    # the keys of annotations and results that hold keypoints, and how many of them
    KEYPOINT_FIELDS: dict[str, int | None] = dict(keypoints=None)

    def __init__(
        self,
        ann_file: str | None = None,
        use_area: bool = True,
        iou_type: str = 'keypoints',
        score_mode: str = 'bbox_keypoint',
        keypoint_score_thr: float = 0.2,
        nms_mode: str = 'oks_nms',
        nms_thr: float = 0.9,
        format_only: bool = False,
        pred_converter: dict | None = None,
        gt_converter: dict | None = None,
        outfile_prefix: str | None = None,
        collect_device: str = 'cpu',
        prefix: str | None = None,
        analysis: bool | str = False,
    ) -> None:
        super().__init__(collect_device=collect_device, prefix=prefix)
        chosen = dict(iou_type=iou_type, score_mode=score_mode, nms_mode=nms_mode)
        for name, value in chosen.items():
            if value not in _CHOICES[name]:
                raise ValueError(f'{name} is {value!r}; expected one of {_CHOICES[name]}.')
        if format_only and outfile_prefix is None:
            raise ValueError('format_only=True writes a file; say where by `outfile_prefix`.')
        self.ann_file = ann_file
        self.use_area = use_area
        self.iou_type = iou_type
        self.score_mode = score_mode
        self.keypoint_score_thr = keypoint_score_thr
        self.nms_mode = nms_mode
        self.nms_thr = nms_thr
        self.format_only = format_only
        self.pred_converter = pred_converter
        self.gt_converter = gt_converter
        self.outfile_prefix = outfile_prefix
        self.analysis = analysis
        self.report: dict | None = None
        self._truth = None if ann_file is None else self._parse(load(ann_file, file_format='json'))

    @property
    def dataset_meta(self) -> dict | None:
        """Metainfo of the data set; its sigmas are those after ``gt_converter``."""
        return self._dataset_meta

    @dataset_meta.setter
    def dataset_meta(self, dataset_meta: dict) -> None:
        if self.gt_converter is not None:
            num_keypoints = self.gt_converter['num_keypoints']
            sigmas = transform_sigmas(
                dataset_meta['sigmas'], num_keypoints, self.gt_converter['mapping']
            )
            dataset_meta = dict(dataset_meta, sigmas=sigmas, num_keypoints=num_keypoints)
        self._dataset_meta = dataset_meta

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Keep what the evaluation needs of some samples.

        Args:
            data_batch: Not used.
            data_samples: Of each sample ``id``, ``img_id``, ``category_id`` (1 if absent), and
                ``pred_instances`` with ``keypoints`` (N, K, 2) pixels of the image,
                ``keypoint_scores`` (N, K) and ``bbox_scores`` (N,). Where ``gt_instances`` has
                one ``bbox_scales`` (w, h) per pose, the suppression takes its area, else that of
                the keypoints. Without ``ann_file`` also ``raw_ann_info``, an annotation or a list
                of them.
        """
        for sample in data_samples:
            prediction = prediction_of(
                sample, self.pred_converter, boxes_scored=self.score_mode != 'keypoint'
            )
            truth = truth_of(sample) if self._truth is None else None
            self.results.append(_Result(prediction, truth))

    def compute_metrics(self, results: list[_Result]) -> dict[str, float]:
        """The numbers of all samples; none if ``format_only``.

        Args:
            results: What :meth:`process` kept, in any order.

        Raises:
            ValueError: Predictions that are not finite, or keypoints that differ in number from
                the sigmas of the metainfo.
        """
        sigmas = self._sigmas()
        poses = gather_poses([result.prediction for result in results], len(sigmas))
        scores = pose_scores(
            self.score_mode, poses.scores, poses.keypoints[..., 2], self.keypoint_score_thr
        )
        poses = suppress(poses._replace(scores=scores), self.nms_mode, self.nms_thr, sigmas)
        if self.outfile_prefix is not None:
            self.results2json(poses.by_image(), self.outfile_prefix)
            if self._truth is None:
                self.gt_to_coco_json([result.truth for result in results], self.outfile_prefix)
        if self.format_only:
            print_log(f'Results are in {self.outfile_prefix}.keypoints.json.', 'current')
            return {}
        truth = self._truth
        if truth is None:
            truth = self._parse(samples_to_coco([result.truth for result in results]))
        _check(poses, truth, sigmas)
        warn_of_strangers(poses, truth)
        poses = poses.select(np.isin(poses.image_ids, truth.image_ids))
        numbers = self.measure(poses, truth, sigmas)
        if numbers['AP .5'] == 0:
            warn_of_distance(poses, truth)
        if self.analysis:
            paths = {result.prediction.img_id: result.prediction.img_path for result in results}
            records = records_of_coco(poses, truth, self.dataset_meta, paths, self.areas_of(poses))
            self.report = run_analysis(records, self.analysis)
        return numbers

    def _parse(self, dataset: dict) -> CocoGroundTruth:
        crowd = self.iou_type == 'keypoints_crowd'
        fields = tuple(self.KEYPOINT_FIELDS)
        return parse_coco(dataset, self.use_area, crowd, self.gt_converter, fields)

    def _sigmas(self) -> np.ndarray:
        if self.dataset_meta is None or 'sigmas' not in self.dataset_meta:
            raise ValueError(
                'The metainfo of the data set has no `sigmas`, which the similarity needs; '
                'add them to its dataset_info.'
            )
        return np.asarray(self.dataset_meta['sigmas'], float)

    def measure(self, poses: Poses, truth: CocoGroundTruth, sigmas: np.ndarray) -> dict[str, float]:
        """The numbers of poses that fit the ground truth.

        Args:
            poses: Scored and thinned out, of annotated images only.
            truth: The annotations, with as many keypoints.
            sigmas: (K,) spread of each keypoint; those of 0 are left out.
        """
        return self.stats_of(slice(None), poses, truth, sigmas)

    def stats_of(
        self, keypoints: slice, poses: Poses, truth: CocoGroundTruth, sigmas: np.ndarray
    ) -> dict[str, float]:
        """The numbers by some of the keypoints, of the arguments of :meth:`measure`.

        Args:
            keypoints: Which of them.
            poses: As for :meth:`measure`; one whose keypoints among these all score 0 is no pose.
            truth: As for :meth:`measure`; an instance that has none of these is ignored.
            sigmas: As for :meth:`measure`.
        """
        points, gts, sigmas = (
            poses.keypoints[:, keypoints],
            of_keypoints(truth.instances, keypoints),
            sigmas[keypoints],
        )
        # the evaluation that published numbers come from takes an all-zero pose for no pose
        scored = (points[..., 2] > 0).any(1)
        scored = slice(None) if scored.all() else scored  # that copies nothing
        used = sigmas > 0  # a converter leaves 0 for keypoints that it does not fill
        if not used.all():
            points, gts, sigmas = points[:, used], of_keypoints(gts, used), sigmas[used]
        dts = KeypointDetections(
            image_ids=poses.image_ids[scored],
            category_ids=poses.category_ids[scored],
            keypoints=points[scored, :, :2],
            scores=poses.scores[scored],
            areas=self.areas_of(poses)[scored],
        )
        matches = match_by_oks(gts, dts, sigmas)
        if truth.crowd_index is not None:
            return crowd_stats(matches, truth.image_ids, truth.crowd_index)
        return coco_stats(matches)

    def areas_of(self, poses: Poses) -> np.ndarray:
        """(D,) areas by which unmatched poses belong to a range of sizes."""
        return extent(poses.keypoints)

    def results2json(self, keypoints: dict[Any, list[dict]], outfile_prefix: str) -> str:
        """Write detections as a COCO result file and return its path.

        Args:
            keypoints: By image id, detections with ``img_id``, ``category_id``, ``keypoints``
                (K, 3) x, y, score, and ``score``.
            outfile_prefix: Path and start of the file's name.
        """
        lengths = list(self.KEYPOINT_FIELDS.values())[:-1]
        entries = [
            dict(
                image_id=pose['img_id'],
                category_id=pose['category_id'],
                **{
                    field: part.ravel().tolist()
                    for field, part in zip(
                        self.KEYPOINT_FIELDS,
                        np.split(np.asarray(pose['keypoints']), np.cumsum(lengths, dtype=int)),
                        strict=True,
                    )
                },
                score=float(pose['score']),
            )
            for poses in keypoints.values()
            for pose in poses
        ]
        path = f'{outfile_prefix}.keypoints.json'
        dump(entries, path)
        return path

    def gt_to_coco_json(self, gt_dicts: Sequence[dict], outfile_prefix: str) -> str:
        """Write ground truth from data samples as a COCO annotation file and return its path.

        Args:
            gt_dicts: Of each sample ``img_id``, ``width``, ``height``, ``crowd_index`` and
                ``raw_ann_info``, the list of its annotations.
            outfile_prefix: Path and start of the file's name.
        """
        path = f'{outfile_prefix}.gt.json'
        dump(samples_to_coco(gt_dicts), path)
        return path


def _check(poses: Poses, truth: CocoGroundTruth, sigmas: np.ndarray) -> None:
    gts = truth.instances
    if len(gts.areas) and gts.keypoints.shape[1] != len(sigmas):
        raise ValueError(
            f'The annotations have {gts.keypoints.shape[1]} keypoints, the data set has '
            f'sigmas of {len(sigmas)}; `ann_file` and the metainfo belong to different data '
            'sets, or `gt_converter` is missing.'
        )
    text = [ids.dtype.kind == 'U' for ids in (poses.image_ids, truth.image_ids)]
    if len(poses.scores) and text[0] != text[1]:
        raise TypeError(
            f'Images are {poses.image_ids[:1].tolist()} ... in the predictions and '
            f'{truth.image_ids[:1].tolist()} ... in the annotations; use ids of one type.'
        )
