"""Why predictions and labels do not meet, which a 0 or -1 alone does not tell."""

from __future__ import annotations

import numpy as np
from mmengine.logging import MMLogger

from .coco_ground_truth import CocoGroundTruth
from .coco_poses import Poses


def warn_of_strangers(poses: Poses, truth: CocoGroundTruth) -> None:
    """Warn of what cannot match whatever the coordinates: images, categories, empty sets."""
    gts, logger = truth.instances, MMLogger.get_current_instance()
    if gts.ignore.all():
        logger.warning(
            f'None of the {len(gts.ignore)} annotations has labelled keypoints and is no crowd, '
            'so there is nothing to find and the numbers are -1.'
        )
    if len(poses.scores) == 0:
        logger.warning('There are no predictions, so nothing can be found.')
        return
    known = np.isin(poses.image_ids, truth.image_ids)
    if not known.all():
        logger.warning(
            f'{(~known).sum()} of {len(known)} predictions are left out, for their images are not '
            f'among the annotated ones: image ids {_some(poses.image_ids[~known])} ... of '
            f'predictions, {_some(truth.image_ids)} ... of annotations.'
        )
    if not np.isin(poses.category_ids, gts.category_ids).any():
        logger.warning(
            f'No prediction can match: they are of the categories {_some(poses.category_ids)}, '
            f'the annotations of {_some(gts.category_ids)}.'
        )


def warn_of_distance(poses: Poses, truth: CocoGroundTruth) -> None:
    """Warn that no pose resembles an annotation, with the places of both.

    Args:
        poses: Of annotated images.
        truth: The annotations, with as many keypoints.
    """
    gts = truth.instances
    poses = poses.select(np.isin(poses.category_ids, gts.category_ids))
    counted = gts.keypoints[np.isin(gts.image_ids, poses.image_ids) & ~gts.ignore]
    labelled = counted[counted[..., 2] > 0]
    if len(labelled):
        warn_of_range(poses.keypoints[..., :2].reshape(-1, 2), labelled[:, :2])


def warn_of_range(predicted: np.ndarray, labelled: np.ndarray) -> None:
    """Warn that predictions are far off, with the ranges of coordinates and what they suggest.

    Args:
        predicted: (P, 2) all predicted points.
        labelled: (L, 2) all labelled points of the same pictures, pixels.
    """
    share = np.ptp(predicted, axis=0).max() / max(np.ptp(labelled, axis=0).max(), 1e-9)
    if predicted.min() >= -1 and predicted.max() <= 2 and labelled.max() > 10:
        hint = 'Predictions look like shares of the picture; they have to be pixels.'
    elif not 0.2 < share < 5:
        hint = (
            'Predictions look like pixels of another size, such as that of the input of the '
            'model; they have to be pixels of the original picture.'
        )
    else:
        hint = (
            'The ranges agree, so the poses themselves are wrong: has the model been trained, was '
            'the checkpoint loaded, and are the keypoints in the order of the data set?'
        )
    MMLogger.get_current_instance().warning(
        f'Predictions are nowhere near their labels: predicted points have {_ranges(predicted)}, '
        f'labelled ones {_ranges(labelled)}. {hint}'
    )


def _some(ids: np.ndarray) -> list:
    return np.unique(ids).tolist()[:5]


def _ranges(points: np.ndarray) -> str:
    (left, top), (right, bottom) = points.min(0), points.max(0)
    return f'x from {left:.4g} to {right:.4g} and y from {top:.4g} to {bottom:.4g}'
