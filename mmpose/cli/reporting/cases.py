"""Pictures of the worst cases: the labelled and the predicted pose beside each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import mmcv
import numpy as np
from mmengine.structures import InstanceData

from mmpose.evaluation.analysis import PoseRecords
from mmpose.evaluation.analysis.error_kinds import KINDS, UNJUDGED, find_errors
from mmpose.evaluation.analysis.judging import judged_keypoints, judged_records
from mmpose.evaluation.analysis.pairing import Pairing
from mmpose.structures import PoseDataSample
from mmpose.visualization import PoseLocalVisualizer

from .style import COLORS
from .words import number

SIDES = ('one', 'mirror', 'between')
MARKED = ('inversion', 'swap', 'miss')  # kinds of error
_OUTLINE, _BLANK = (24, 24, 24), (236, 236, 236)
_LONG_SIDE = 480  # pixels of the picture of a pose
_MAX_ENLARGED = 6
_MARGIN = 0.2  # around a pose, of its longer side
_FAINT = 0.35  # how opaque the prediction of a keypoint without label is
_LEAST_SHOWN = 8  # pixels of the picture; where a pose shows less, it is shown as a whole
_FAR = 1 << 20  # pixels; farther points would overflow OpenCV's integers
_FULL_BODY = 30  # keypoints; more are drawn smaller


class CaseCard(NamedTuple):
    """A case to look at.

    Attributes:
        kind: As in the report.
        pictures: (H, W, 3) uint8 RGB by what they show.
        caption: Words by name.
    """

    kind: str
    pictures: dict[str, np.ndarray]
    caption: dict[str, str]


class CasePainter:
    """Draws cases of some records.

    Args:
        records: Those that the cases are of.
        img_prefix: Folder of pictures whose paths are relative or lead nowhere.
    """

    def __init__(self, records: PoseRecords, img_prefix: str | None = None) -> None:
        self.records = records
        self.img_prefix = img_prefix
        self.missing: list[str] = []  # pictures that were not found
        sides = _sides(records.flip_indices)
        links = records.skeleton_links
        link_sides = [sides[i] if sides[i] == sides[j] else 2 for i, j in links]
        self._radius, self._width = (2, 1) if len(sides) > _FULL_BODY else (4, 2)
        # bright colours over dark ones show on any picture
        self._visualizers = [
            PoseLocalVisualizer(
                kpt_color=[colors[side] for side in sides],
                link_color=[colors[side] for side in link_sides],
                skeleton=links,
                radius=self._radius + rim,
                line_width=self._width + 2 * rim,
                show_keypoint_weight=True,
            )
            for colors, rim in (([_OUTLINE] * 3, 1), ([_rgb(COLORS[s]) for s in SIDES], 0))
        ]

    def cards(self, worst: Sequence[Mapping]) -> Iterator[CaseCard]:
        """Each case as a card.

        Args:
            worst: Cases as in the report.
        """
        for case, kinds in zip(worst, self._kinds(worst), strict=True):
            image = self._picture(case)
            caption = self._caption(case, found=image is not None)
            poses = self.draw(image, case['instance'], case['detection'], kinds)
            shown = f'image {case["image_id"]}, {case["kind"]}'
            pictures = {f'{shown}: {side}': picture for side, picture in poses.items()}
            yield CaseCard(case['kind'], pictures, caption)

    def draw(
        self,
        image: np.ndarray | None,
        instance: int | None,
        detection: int | None,
        kinds: np.ndarray,
    ) -> dict[str, np.ndarray]:
        """Cuts of the picture, (H, W, 3) uint8 RGB, with the 'label' and the 'prediction'.

        Args:
            image: (H, W, 3) uint8 RGB; ``None`` draws on a blank one.
            instance: Index of the annotation; ``None`` if there is none.
            detection: Index of the prediction; likewise.
            kinds: (K,) kind of error of each keypoint, -1 where there is nothing to judge.
        """
        gts, dts = self.records.gts, self.records.dts
        label = None if instance is None else gts.keypoints[instance]
        pose = None if detection is None else dts.keypoints[detection]
        if label is None:
            labelled = np.ones(len(kinds), bool)
            low, high = pose.min(axis=0), pose.max(axis=0)
        else:
            labelled = (label[:, 2] > 0) & np.isfinite(label).all(1)
            shown = label[labelled, :2] if pose is None else pose[labelled]
            low, high = _surroundings(gts.bboxes[instance], label[labelled, :2], shown)
        cut, corner, scale = _cut(image, low, high)

        def placed(values: np.ndarray) -> np.ndarray:
            return (values[:, :2] - corner + 0.5) * scale - 0.5

        drawn = {}
        if label is not None:
            drawn['label'] = self._with_pose(cut, placed(label), labelled.astype(float))
        if pose is not None:
            clearness = np.where(labelled, 1, _FAINT)
            drawn['prediction'] = self._with_pose(cut, placed(pose), clearness)
        if len(drawn) == 2:
            drawn['prediction'] = self._with_marks(
                drawn['prediction'], placed(pose), placed(label), kinds
            )
        return drawn

    def _picture(self, case: Mapping) -> np.ndarray | None:
        path = find_picture(case['image_path'], self.img_prefix)
        image = None if path is None else mmcv.imread(str(path))
        if image is None:
            self.missing.append(case['image_path'])
            return None
        return np.ascontiguousarray(image[..., ::-1])

    def _caption(self, case: Mapping, found: bool) -> dict[str, str]:
        name = Path(case['image_path']).name or 'unknown'
        caption = {
            'case': case['kind'],
            'image id': str(case['image_id']),
            'picture': name if found else f'{name}, not found',
        }
        if case['kind'] == 'wrong pose':
            caption['OKS'] = number(case['oks'])
        if case['detection'] is not None:
            caption['score'] = number(float(self.records.dts.scores[case['detection']]))
        told = [f'{count} {kind}' for kind, count in case['errors'].items() if count]
        if told:
            caption['errors'] = ', '.join(told)
        return caption

    def _kinds(self, worst: Sequence[Mapping]) -> np.ndarray:
        """(N, K) the kinds of error of each case."""
        found = [n for n, case in enumerate(worst) if case['kind'] == 'wrong pose']
        gt, dt = (
            np.array([worst[n][key] for n in found], int) for key in ('instance', 'detection')
        )
        none = np.empty(0, int)
        pairs = Pairing(gt, dt, np.full(len(gt), np.nan), none, none, none)
        kinds = np.full((len(worst), len(self.records.keypoint_names)), UNJUDGED)
        errors = find_errors(judged_records(self.records), pairs)
        kinds[np.ix_(found, judged_keypoints(self.records))] = errors.kinds
        return kinds

    def _with_pose(
        self, image: np.ndarray, points: np.ndarray, clearness: np.ndarray
    ) -> np.ndarray:
        """The picture with points (K, 2), each as opaque, 0 to 1, as clearness (K,) says."""
        instances = InstanceData(keypoints=points[None], keypoints_visible=clearness[None])
        sample = PoseDataSample(gt_instances=instances)
        for visualizer in self._visualizers:
            image = visualizer.add_datasample('case', image, sample, kpt_thr=_FAINT)
        return image

    def _with_marks(
        self, image: np.ndarray, points: np.ndarray, labels: np.ndarray, kinds: np.ndarray
    ) -> np.ndarray:
        """The picture with rings around keypoints in error, and lines to where they belong."""
        image = np.ascontiguousarray(image)
        radius = 2 * self._radius
        for kind in MARKED:
            color = _rgb(COLORS[kind])
            for k in np.flatnonzero(kinds == KINDS.index(kind)):
                ends = np.round([points[k], labels[k]]).clip(-_FAR, _FAR).astype(int).tolist()
                for shade, width in ((_OUTLINE, self._width + 2), (color, self._width)):
                    cv2.line(image, *ends, shade, width, cv2.LINE_AA)
                for shade, width in ((_OUTLINE, self._width + 2), (color, self._width)):
                    cv2.circle(image, ends[0], radius, shade, width, cv2.LINE_AA)
        return image


def find_picture(path: str, img_prefix: str | None) -> Path | None:
    """Where a picture is; ``None`` if it is nowhere.

    Args:
        path: As the results have it, '' if they do not know.
        img_prefix: A folder in which to look for it, by its path and by its name.
    """
    if not path:
        return None
    places = [Path(path)]
    if img_prefix is not None:
        places += [Path(img_prefix, path), Path(img_prefix, Path(path).name)]
    return next((place for place in places if place.is_file()), None)


def _rgb(color: str) -> tuple[int, int, int]:
    """The colour '#rrggbb' as numbers."""
    red, green, blue = bytes.fromhex(color[1:])
    return red, green, blue


def _sides(flip_indices: np.ndarray) -> np.ndarray:
    """(K,) the side of each keypoint as an index into ``SIDES``."""
    index = np.arange(len(flip_indices))
    return np.select([index < flip_indices, index > flip_indices], [0, 1], 2)


def _surroundings(
    box: np.ndarray, labels: np.ndarray, points: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Left top and right bottom corner of what there is to see of an instance.

    Args:
        box: (4,) left, top, width and height of the label.
        labels: (P, 2) labelled keypoints.
        points: (P, 2) their predictions, of which those far away are left out.
    """
    corners = [labels]
    if (box[2:] > 0).all():
        corners.append([box[:2], box[:2] + box[2:]])
    corners = np.concatenate(corners)
    low, high = corners.min(axis=0), corners.max(axis=0)
    reach = (high - low).max()
    points = points.clip(low - reach, high + reach)
    return np.minimum(low, points.min(axis=0)), np.maximum(high, points.max(axis=0))


def _cut(
    image: np.ndarray | None, low: np.ndarray, high: np.ndarray
) -> tuple[np.ndarray, np.ndarray, float]:
    """The part of a picture between two corners, its left top corner, and its enlargement."""
    margin = max(_MARGIN * (high - low).max(), 8)
    low = np.floor(low - margin).clip(-_FAR, _FAR).astype(int)
    high = np.ceil(high + margin).clip(-_FAR, _FAR).astype(int)
    if image is not None:
        size = np.array(image.shape[1::-1])
        low, high = low.clip(0, size), high.clip(0, size)
        if (high - low).min() < _LEAST_SHOWN:
            low, high = np.zeros_like(size), size
    high = np.maximum(high, low + 1)
    width, height = (high - low).tolist()
    scale = min(_LONG_SIDE / max(width, height), _MAX_ENLARGED)
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    if image is None:
        return np.full((size[1], size[0], 3), _BLANK, np.uint8), low, scale
    part = image[low[1] : high[1], low[0] : high[0]]
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return cv2.resize(part, size, interpolation=interpolation), low, scale
