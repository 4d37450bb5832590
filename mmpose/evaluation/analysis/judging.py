"""Records brought to what can be judged: keypoints with a spread, labels that are numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .records import PoseRecords

# where a data set has no sigmas; COCO's lie between 0.025 of the eyes and 0.107 of the hips
ASSUMED_SIGMA = 0.05


def judged_keypoints(records: PoseRecords) -> np.ndarray:
    """Indices of the keypoints that can be judged: those whose sigma is not 0."""
    if records.sigmas_assumed:
        return np.arange(len(records.keypoint_names))
    return np.flatnonzero(records.sigmas > 0)


def judged_records(records: PoseRecords) -> PoseRecords:
    """The records with :func:`judged_keypoints` only, each with a sigma.

    Labels that are not finite are taken for absent, and an instance that is of a crowd or without
    any label is ignored.

    Args:
        records: They stay as they are.
    """
    used = judged_keypoints(records)
    new_index = np.full(len(records.keypoint_names), -1)
    new_index[used] = np.arange(len(used))
    mirrored = new_index[records.flip_indices[used]]
    assumed = np.full(len(used), ASSUMED_SIGMA)

    keypoints = np.array(records.gts.keypoints[:, used], np.float64)
    absent = ~(np.isfinite(keypoints).all(-1) & (keypoints[..., 2] > 0))
    keypoints[absent] = 0
    crowd = np.asarray(records.gts.crowd, bool)
    ignore = np.asarray(records.gts.ignore, bool) | crowd | absent.all(1)
    return replace(
        records,
        keypoint_names=[records.keypoint_names[k] for k in used],
        flip_indices=np.where(mirrored < 0, np.arange(len(used)), mirrored),
        sigmas=assumed if records.sigmas_assumed else records.sigmas[used],
        skeleton_links=[],
        gts=replace(records.gts, keypoints=keypoints, ignore=ignore, crowd=crowd),
        dts=replace(records.dts, keypoints=np.asarray(records.dts.keypoints[:, used], np.float64)),
        keypoint_scores=np.asarray(records.keypoint_scores[:, used], np.float64),
    )
