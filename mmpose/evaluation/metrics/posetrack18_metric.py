"""Average precision of joints on PoseTrack18, and how well people are tracked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from numbers import Integral
from typing import Any

import numpy as np
from mmengine.fileio import dump, load
from mmengine.logging import print_log

from mmpose.registry import METRICS

from ..analysis import records_of_coco, run_analysis
from ..functional import (
    FramePoses,
    count_tracks,
    drop_joints_inside,
    joint_group_means,
    joint_precision,
    pair_poses,
)
from ..functional.posetrack_eval import JOINTS
from .coco_ground_truth import parse_coco
from .coco_metric import CocoMetric
from .coco_poses import (
    Poses,
    SamplePrediction,
    gather_poses,
    pose_scores,
    prediction_of,
    suppress,
)
from .posetrack18_ground_truth import parse_posetrack
from .posetrack18_results import results_by_video


@METRICS.register_module()
class PoseTrack18Metric(CocoMetric):
    """PoseTrack18 average precision of joints, and the accuracy of tracks where there are any.

    The numbers are in percent: ``Head AP``, ``Shou AP``, ``Elb AP``, ``Wri AP``, ``Hip AP``,
    ``Knee AP``, ``Ankl AP`` and ``Total AP``; if the predictions carry track ids also ``MOTA`` of
    the same groups, ``Total MOTP``, and ``Total precision`` and ``Total recall`` of the tracked
    joints. -1 stands where no joint of a group is labelled; such joints are left out of the mean.

    Only frames that are labelled count, of 17 keypoints 15 (the ears do not), and no joint, true
    or predicted, inside an ignored region of its frame. A predicted joint exists if its score is
    above 0. Paper: `Andriluka et al., 2018 <https://arxiv.org/abs/1710.10000>`_.

    Args:
        ann_file: PoseTrack18 annotation file with all videos; needed, for data samples do not
            tell of the frames without people.
        score_mode: What ranks poses for the suppression, as in :class:`CocoMetric`; joints are
            ranked by their own scores.
        keypoint_score_thr: As in :class:`CocoMetric`, like ``nms_mode`` and ``nms_thr``.
        nms_mode: How poses of one frame that resemble each other are thinned out.
        nms_thr: Similarity above which a pose goes; the width of the Gaussian of 'soft_oks_nms'.
        format_only: Whether to write the results and compute nothing, as for the test server.
        outfile_prefix: Folder for one file of results per video; ``None`` writes none.
        collect_device: 'cpu' or 'gpu', where results of several processes are gathered.
        prefix: Start of the names of the numbers; ``None`` means 'posetrack18'.
        analysis: As in :class:`CocoMetric`; the average precision there is COCO's, with 0.53 times
            the box as the size of a person.

    Raises:
        ValueError: ``ann_file`` is ``None`` or no PoseTrack18 file, an argument has none of its
            values, or ``format_only`` comes without ``outfile_prefix``.
    """

    default_prefix: str | None = 'posetrack18'

    def __init__(
        self,
        ann_file: str | None = None,
        score_mode: str = 'bbox_keypoint',
        keypoint_score_thr: float = 0.2,
        nms_mode: str = 'oks_nms',
        nms_thr: float = 0.9,
        format_only: bool = False,
        outfile_prefix: str | None = None,
        collect_device: str = 'cpu',
        prefix: str | None = None,
        analysis: bool | str = False,
    ) -> None:
        # the base would read the file for areas and boxes that are not needed here
        super().__init__(
            ann_file=None,
            score_mode=score_mode,
            keypoint_score_thr=keypoint_score_thr,
            nms_mode=nms_mode,
            nms_thr=nms_thr,
            format_only=format_only,
            outfile_prefix=outfile_prefix,
            collect_device=collect_device,
            prefix=prefix,
            analysis=analysis,
        )
        if ann_file is None:
            raise ValueError(
                'PoseTrack18Metric needs `ann_file`, a PoseTrack18 annotation file: data samples '
                'do not tell of the order of the frames, nor of those without people.'
            )
        self.ann_file = ann_file
        self._truth = parse_posetrack(load(ann_file, file_format='json'))

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Keep what the evaluation needs of some samples.

        Args:
            data_batch: Not used.
            data_samples: As in :class:`CocoMetric`; ``pred_instances`` of tracked poses have
                ``track_ids`` (or ``track_id``), (N,) integers that tell people apart in a video.

        Raises:
            ValueError: There is not one integer for each pose.
        """
        for sample in data_samples:
            prediction = prediction_of(sample, None, boxes_scored=self.score_mode != 'keypoint')
            # as part of its id, a pose's track stays with it through gathering and suppression
            for i, track_id in enumerate(_track_ids(sample)):
                pose = slice(i, i + 1)
                self.results.append(
                    replace(
                        prediction,
                        id=(prediction.id, i, track_id),
                        keypoints=prediction.keypoints[pose],
                        bbox_scores=prediction.bbox_scores[pose],
                        areas=prediction.areas[pose],
                    )
                )

    def compute_metrics(self, results: list[SamplePrediction]) -> dict[str, float]:
        """The numbers of all samples; none if ``format_only``.

        Args:
            results: What :meth:`process` kept, in any order.

        Raises:
            ValueError: Predictions of images that ``ann_file`` does not have, that are not finite
                or of which only some are tracked; keypoints that differ in number or in names
                from those of the benchmark; a track id that a frame has twice.
        """
        sigmas = self._sigmas()
        poses = gather_poses(results, len(sigmas))
        scores = pose_scores(
            self.score_mode, poses.scores, poses.keypoints[..., 2], self.keypoint_score_thr
        )
        poses = suppress(poses._replace(scores=scores), self.nms_mode, self.nms_thr, sigmas)
        if self.outfile_prefix is not None:
            self.results2json(_by_image(poses), self.outfile_prefix)
        if self.format_only:
            print_log(f'Results are in the folder {self.outfile_prefix}.', 'current')
            return {}

        if self.analysis:
            self._analyse(poses, results)
        joints = self._joints(len(sigmas))
        dts = self._detected(poses, joints)
        gts = self._annotated(joints, tracked=dts.track_ids is not None)
        pairs = pair_poses(dts, gts, self._truth.head_sizes)
        numbers = _named('AP', joint_precision(dts, gts, pairs).ap)
        if dts.track_ids is None:
            print_log('MOTA is left out, for no `pred_instances` have `track_ids`.', 'current')
            return numbers
        tracking = count_tracks(dts, gts, pairs, self._truth.videos).numbers()
        totals = {
            f'Total {name}': joint_group_means(tracking[name])['Total']
            for name in ('MOTP', 'precision', 'recall')
        }
        return numbers | _named('MOTA', tracking['MOTA']) | totals

    def _analyse(self, poses: Poses, results: list[SamplePrediction]) -> None:
        dataset = load(self.ann_file, file_format='json')
        images = [image for image in dataset['images'] if image.get('is_labeled', True)]
        labelled = {image['id'] for image in images}
        annotations = [ann for ann in dataset['annotations'] if ann['image_id'] in labelled]
        truth = parse_coco(dict(images=images, annotations=annotations), use_area=False)
        paths = {result.img_id: result.img_path for result in results}
        records = records_of_coco(poses, truth, self.dataset_meta, paths)
        self.report = run_analysis(records, self.analysis)

    def _joints(self, num_keypoints: int) -> list[int]:
        """The indices of the joints that are evaluated."""
        name2id = self._name2id()
        missing = [name for name in JOINTS if name not in name2id]
        if missing:
            raise ValueError(
                f'The data set has no keypoints named {missing}, which PoseTrack evaluates, but '
                f'{list(name2id)}; it needs those of configs/_base_/datasets/posetrack18.py.'
            )
        annotated = self._truth.keypoints.shape[1]
        if self._truth.annotations and annotated != num_keypoints:
            raise ValueError(
                f'The annotations have {annotated} keypoints, the data set has sigmas of '
                f'{num_keypoints}; `ann_file` and the metainfo belong to different data sets.'
            )
        return [name2id[name] for name in JOINTS]

    def _detected(self, poses: Poses, joints: list[int]) -> FramePoses:
        """The predictions in labelled frames."""
        frames = self._truth.frames_of(poses.image_ids.tolist())
        order = np.argsort(frames, kind='stable')
        order = order[self._truth.labelled[frames[order]]]
        frames, track_ids = frames[order], _track_ids_of(poses)
        if track_ids is not None:
            track_ids = track_ids[order]
            self._check_distinct(frames, track_ids)
        dts = FramePoses(frames, poses.keypoints[order][:, joints], track_ids)
        return drop_joints_inside(dts, self._truth.regions)

    def _annotated(self, joints: list[int], tracked: bool) -> FramePoses:
        """The true poses, with their tracks if those are wanted."""
        truth = self._truth
        track_ids = truth.track_ids() if tracked else None
        # no annotation, no keypoints
        keypoints = (
            truth.keypoints[:, joints] if truth.annotations else np.empty((0, len(joints), 3))
        )
        return drop_joints_inside(FramePoses(truth.frames, keypoints, track_ids), truth.regions)

    def _name2id(self) -> dict[str, int]:
        if 'keypoint_name2id' not in (self.dataset_meta or {}):
            raise ValueError(
                'The metainfo of the data set has no `keypoint_name2id`, by which the joints to '
                'evaluate are found; set `dataset_meta` to that of a PoseTrack18 data set.'
            )
        return self.dataset_meta['keypoint_name2id']

    def _check_distinct(self, frames: np.ndarray, track_ids: np.ndarray) -> None:
        order = np.lexsort((track_ids, frames))
        frames, track_ids = frames[order], track_ids[order]
        twice = np.flatnonzero((np.diff(frames) == 0) & (np.diff(track_ids) == 0))
        if len(twice):
            raise ValueError(
                f'The predictions of image {self._truth.images[frames[twice[0]]]["id"]} have the '
                f'track id {track_ids[twice[0]]} more than once; every pose of a frame needs one '
                'of its own, also a pose that belongs to no track.'
            )

    def results2json(self, keypoints: dict[Any, list[dict]], outfile_prefix: str) -> str:
        """Write the benchmark's files of results, one per video, and return their folder.

        A file is named by the folder of the video's frames, as the benchmark's annotations are,
        and lists all frames of the video in ``ann_file``.

        Args:
            keypoints: By image id, poses with ``keypoints`` (K, 3) x, y, score, and where they
                are tracked ``track_id``; else they are numbered in each frame.
            outfile_prefix: The folder.

        Raises:
            ValueError: An image is not in ``ann_file``, or two videos have folders of one name.
        """
        self._truth.frames_of(keypoints)
        name2id = self._name2id()
        names = sorted(name2id, key=name2id.get)
        for video, result in results_by_video(self._truth.images, keypoints, names).items():
            dump(result, f'{outfile_prefix}/{video}.json')
        return outfile_prefix


def _track_ids(sample: dict) -> list[int] | list[None]:
    """The track of each pose predicted for a sample, ``None`` for each if they have no tracks."""
    pred = sample['pred_instances']
    num_poses = len(pred['keypoints'])
    name = 'track_id' if 'track_ids' not in pred else 'track_ids'
    if name not in pred:
        return [None] * num_poses
    track_ids = pred[name].tolist() if hasattr(pred[name], 'tolist') else list(pred[name])
    if len(track_ids) != num_poses or not all(isinstance(i, Integral) for i in track_ids):
        raise ValueError(
            f'The prediction of image {sample["img_id"]} has the {name} {track_ids}; expected an '
            f'integer for each of its {num_poses} poses.'
        )
    return track_ids


def _track_ids_of(poses: Poses) -> np.ndarray | None:
    """The (D,) tracks that :meth:`process` put into the ids of poses, if they have any."""
    track_ids = [pose_id[-1] for pose_id in poses.ids]
    tracked = [track_id is not None for track_id in track_ids]
    if not any(tracked):
        return None
    if not all(tracked):
        raise ValueError(
            f'{tracked.count(False)} of {len(tracked)} poses have no track id, such as in image '
            f'{poses.image_ids[tracked.index(False)]}; track all frames or none.'
        )
    return np.array(track_ids, int)


def _by_image(poses: Poses) -> dict[Any, list[dict]]:
    """The poses as :meth:`PoseTrack18Metric.results2json` takes them."""
    images = poses.by_image()
    if _track_ids_of(poses) is not None:
        for pose in chain.from_iterable(images.values()):
            pose['track_id'] = pose['id'][-1]
    return images


def _named(kind: str, values: np.ndarray) -> dict[str, float]:
    return {f'{group} {kind}': mean for group, mean in joint_group_means(values).items()}
