"""Whole bodies of 133 keypoints, as COCO-WholeBody annotates them."""

from __future__ import annotations

# The keys of an annotation that hold keypoints, in the order of the 133, and how many they hold.
# Jin et al., 2020, `Whole-Body Human Pose Estimation in the Wild <https://arxiv.org/abs/2007.11858>`_
WHOLEBODY_FIELDS = dict(
    keypoints=17, foot_kpts=6, face_kpts=68, lefthand_kpts=21, righthand_kpts=21
)
