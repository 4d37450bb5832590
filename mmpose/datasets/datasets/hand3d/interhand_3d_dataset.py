"""InterHand2.6M: 42 keypoints of two hands with depth."""

from __future__ import annotations

import numpy as np

from mmpose.registry import DATASETS

from ..hand.base_interhand_dataset import BaseInterHandDataset, HandsInView


@DATASETS.register_module()
class InterHand3DDataset(BaseInterHandDataset):
    """42 keypoints of two hands with their depth. Lengths are in millimetres.

    Arguments are those of :class:`BaseInterHandDataset`. Items have besides its fields:

    - keypoints: (1, 42, 3) x and y in pixels, and the depth from the root of the same hand.
    - keypoints_cam: (1, 42, 3) positions in the space of the camera.
    - focal, principal_pt: (2,) of the camera, pixels.
    - abs_depth: the depths of the right and the left root, labelled or found by RootNet.
    - rel_root_depth: the labelled depth of the left root from the right one.
    - rel_root_valid: 1 if both roots are labelled, else 0.
    - rotation: of the image, 0 degrees.
    """

    METAINFO: dict = dict(from_file='configs/_base_/datasets/interhand3d.py')

    def keypoint_fields(self, ann: dict, view: HandsInView) -> dict:
        """The fields above."""
        depth = view.keypoints_cam[:, 2].reshape(2, -1)
        root_depth = depth[:, -1]
        from_root = (depth - root_depth[:, None]).reshape(-1, 1)
        gt = self.use_gt_root_depth
        return dict(
            keypoints=np.hstack([view.pixels, from_root])[None],
            keypoints_cam=view.keypoints_cam[None],
            focal=view.camera.param['f'].ravel(),
            principal_pt=view.camera.param['c'].ravel(),
            abs_depth=list(root_depth) if gt else self._rootnet_result(ann).abs_depth,
            rel_root_depth=root_depth[1] - root_depth[0],
            rel_root_valid=view.visible.reshape(2, -1)[:, -1].prod(),
            rotation=0,
        )
