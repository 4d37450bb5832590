"""Pictures of poses in space: panels beside the picture that they were found in."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise, product
from typing import Any

import mmcv
import numpy as np
from mmengine.dist import master_only
from mmengine.structures import InstanceData

from mmpose.registry import VISUALIZERS
from mmpose.structures import PoseDataSample
from mmpose.structures.keypoint.conversion import convert_keypoint_definition, skeleton_definition
from mmpose.utils.tensor_utils import to_numpy

from .local_visualizer import PoseLocalVisualizer, _one_each, _visibility
from .opencv_backend_visualizer import Color, _rgb
from .panel_3d import View, draw_panel, empty_panel

_GREY = (140, 146, 158)
_KEYS_OF_TRUTH = ('lifting_target', 'keypoints_gt', 'keypoints_3d', 'keypoints')


@VISUALIZERS.register_module()
class Pose3dLocalVisualizer(PoseLocalVisualizer):
    """Draws poses in space, each in a panel of its own, beside the picture with the 2D poses.

    Args:
        name: See :class:`PoseLocalVisualizer`, as for the next fourteen.
        image: See there.
        vis_backends: See there.
        save_dir: See there.
        bbox_color: See there.
        kpt_color: See there; of joints in panels.
        link_color: See there; of links in panels. ``None`` is grey.
        text_color: See there.
        skeleton: See there; of poses in panels.
        line_width: See there; in the picture.
        radius: See there; in the picture.
        show_keypoint_weight: See there; in the picture.
        backend: Of the picture, ``'opencv'`` or ``'matplotlib'``; panels are drawn by OpenCV.
        alpha: See there; in the picture.
        det_kpt_color: Of keypoints in the picture; ``None`` for those of their data set.
        det_dataset_skeleton: Links between keypoints in the picture, likewise.
        det_dataset_link_color: Of links in the picture, likewise.

    Examples:
        >>> visualizer = Pose3dLocalVisualizer()
        >>> visualizer.set_dataset_meta(lifter.dataset_meta)
        >>> visualizer.add_datasample('result', image, sample, found_2d, out_file='result.png')
    """

    def __init__(
        self,
        name: str = 'visualizer',
        image: np.ndarray | None = None,
        vis_backends: list[dict] | None = None,
        save_dir: str | None = None,
        bbox_color: Color | None = 'green',
        kpt_color: Color | list[Color] | None = 'red',
        link_color: Color | list[Color] | None = None,
        text_color: Color | None = (255, 255, 255),
        skeleton: list[tuple[int, int]] | None = None,
        line_width: float = 1,
        radius: float = 3,
        show_keypoint_weight: bool = False,
        backend: str = 'opencv',
        alpha: float = 0.8,
        det_kpt_color: Color | list[Color] | None = None,
        det_dataset_skeleton: list[tuple[int, int]] | None = None,
        det_dataset_link_color: Color | list[Color] | None = None,
    ) -> None:
        super().__init__(
            name, image, vis_backends, save_dir, bbox_color, kpt_color, link_color, text_color,
            skeleton, line_width, radius, show_keypoint_weight, backend, alpha,
        )  # fmt: skip
        self.det_kpt_color = det_kpt_color
        self.det_dataset_skeleton = det_dataset_skeleton
        self.det_dataset_link_color = det_dataset_link_color

    @master_only
    def add_datasample(
        self,
        name: str,
        image: np.ndarray,
        data_sample: PoseDataSample,
        det_data_sample: PoseDataSample | None = None,
        draw_gt: bool = True,
        draw_pred: bool = True,
        draw_2d: bool = True,
        draw_bbox: bool = False,
        show_kpt_idx: bool = False,
        skeleton_style: str = 'mmpose',
        dataset_2d: str | dict = 'coco',
        dataset_3d: str | dict = 'h36m',
        convert_keypoint: bool = True,
        axis_azimuth: float = 70,
        axis_limit: float = 1.7,
        axis_dist: float = 10.0,
        axis_elev: float = 15.0,
        num_instances: int = -1,
        show: bool = False,
        wait_time: float = 0,
        out_file: str | None = None,
        kpt_thr: float = 0.3,
        step: int = 0,
    ) -> np.ndarray:
        """Draw a data sample; write the picture to a file or hand it to the backends.

        The size of the result depends on that of the picture and on ``num_instances`` alone, so
        that the frames of a video have the same. Panels are as high as the picture, and as wide as
        it is high, but at most as wide as the picture.

        Args:
            name: The window's title and the backends' name for the picture.
            image: (H, W, 3) RGB, 0 to 255.
            data_sample: With poses (N, K, 3) whose last axis points up: ``keypoints`` of
                ``pred_instances``, and of ``gt_instances`` the ``lifting_target``,
                ``keypoints_gt``, ``keypoints_3d`` or ``keypoints``.
            det_data_sample: With the 2D poses, ``pred_instances``; ``None`` draws none.
            draw_gt: Whether to draw the ground truth, if there is any.
            draw_pred: Whether to draw the predictions.
            draw_2d: Whether to draw the picture.
            draw_bbox: Whether to draw boxes in the picture.
            show_kpt_idx: Whether to write the index of each keypoint beside it.
            skeleton_style: See :meth:`PoseLocalVisualizer.add_datasample`; of the picture.
            dataset_2d: The skeleton of the 2D poses, the name of a data set or a definition.
            dataset_3d: The skeleton of the poses in space.
            convert_keypoint: Whether a joint is left out of a panel if the keypoints that it
                comes from score too low, where the two skeletons differ.
            axis_azimuth: Where panels are looked at from, degrees from the x axis around z.
            axis_limit: Side of the cube that a panel shows, in the unit of the poses.
            axis_dist: How far they are looked at from, in sides of the cube.
            axis_elev: Degrees above the horizon.
            num_instances: How many panels there are, side by side, of the first instances; those
                left over stay empty, and 0 is an empty one. Negative shows all instances, in the
                place of one panel.
            show: Whether to show the picture in a window.
            wait_time: Seconds that the window waits; 0 waits for a key.
            out_file: Where to write the picture; ``None`` hands it to the backends.
            kpt_thr: Keypoints less visible (or with a lower score) are left out.
            step: The backends' step.

        Returns:
            (H', W', 3) uint8 RGB, the picture.

        Raises:
            ValueError: The style is unknown, ``axis_limit`` or ``axis_dist`` is not positive, or
                the skeletons do not go together.
            RuntimeError: ``show`` without a display.
        """
        found = None if det_data_sample is None else det_data_sample.get('pred_instances')
        height, width = image.shape[:2]
        size_wh = (min(height, width) * max(num_instances, 1), height)
        view = View(axis_azimuth, axis_elev, axis_limit, axis_dist, size_wh)
        columns = []
        if draw_2d:
            drawer = self._picture_drawer(found, dataset_2d)
            columns.append(
                drawer.add_datasample(
                    name,
                    image,
                    det_data_sample or PoseDataSample(),
                    draw_gt=False,
                    draw_bbox=draw_bbox,
                    show_kpt_idx=show_kpt_idx,
                    skeleton_style=skeleton_style,
                    kpt_thr=kpt_thr,
                )
            )
        if draw_gt and (truth := _ground_truth(data_sample.get('gt_instances'))) is not None:
            shown = np.ones(truth.shape[:2], dtype=bool)
            titles = [f'Ground truth {i}' for i in range(len(truth))]
            columns.append(self._panels(view, truth, shown, titles, num_instances, show_kpt_idx))
        if draw_pred:
            poses, visible, titles = _predictions(data_sample.get('pred_instances'))
            if convert_keypoint:
                visible = _limited_by_2d(visible, found, dataset_2d, dataset_3d)
            shown = visible >= kpt_thr
            columns.append(self._panels(view, poses, shown, titles, num_instances, show_kpt_idx))
        drawn = np.concatenate(columns, axis=1) if columns else image.astype(np.uint8)
        self.set_image(drawn)
        if show:
            self.show(drawn, win_name=name, wait_time=wait_time)
        if out_file is not None:
            mmcv.imwrite(drawn[..., ::-1], str(out_file))
        else:
            self.add_image(name, drawn, step)
        return drawn

    def _picture_drawer(
        self, found: InstanceData | None, dataset_2d: str | dict
    ) -> PoseLocalVisualizer:
        """What draws the 2D poses in the picture."""
        colors, links = self.det_kpt_color, self.det_dataset_skeleton
        link_colors = self.det_dataset_link_color
        if found is not None and colors is None and links is None:
            K = found.keypoints.shape[1]
            for meta in (skeleton_definition(dataset_2d), self.dataset_meta):
                if meta and meta['num_keypoints'] == K:
                    colors, links = meta['keypoint_colors'], meta['skeleton_links']
                    link_colors = meta['skeleton_link_colors']
                    break
        return PoseLocalVisualizer(
            name=f'{self.instance_name}_2d',
            bbox_color=self.bbox_color,
            kpt_color='red' if colors is None else colors,
            link_color='blue' if link_colors is None else link_colors,
            text_color=self.text_color,
            skeleton=links or [],
            line_width=self.line_width,
            radius=self.radius,
            show_keypoint_weight=self.show_keypoint_weight,
            backend=self.backend,
            alpha=self.alpha,
        )

    def _panels(
        self,
        view: View,
        poses: np.ndarray,
        shown: np.ndarray,
        titles: list[str],
        num_instances: int,
        show_kpt_idx: bool,
    ) -> np.ndarray:
        """An area of the size of ``view``, divided into panels.

        Args:
            view: How poses are looked at.
            poses: (N, K, 3).
            shown: (N, K) which joints are drawn.
            titles: Of each pose.
            num_instances: See :meth:`add_datasample`.
            show_kpt_idx: Whether to write indices.
        """
        columns, rows = max(num_instances, 1), 1
        if num_instances < 0 and len(poses):
            columns = int(np.ceil(np.sqrt(len(poses))))
            rows = -(-len(poses) // columns)
        width, height = view.size_wh
        xs = np.linspace(0, width, columns + 1).round().astype(int).tolist()
        ys = np.linspace(0, height, rows + 1).round().astype(int).tolist()
        area = np.empty((height, width, 3), dtype=np.uint8)
        for i, ((top, bottom), (left, right)) in enumerate(product(pairwise(ys), pairwise(xs))):
            part = replace(view, size_wh=(right - left, bottom - top))
            empty = num_instances == 0 or i >= len(poses)
            area[top:bottom, left:right] = (
                empty_panel(part)
                if empty
                else self._panel(part, poses[i], shown[i], titles[i], show_kpt_idx)
            )
        return area

    def _panel(
        self, view: View, pose: np.ndarray, shown: np.ndarray, title: str, show_kpt_idx: bool
    ) -> np.ndarray:
        links = self.skeleton or []
        kpt_colors = _rgb_of_each(self.kpt_color, len(pose), 'kpt_color', 'keypoints')
        link_colors = _rgb_of_each(self.link_color, len(links), 'link_color', 'links')
        return draw_panel(view, pose, shown, links, link_colors, kpt_colors, title, show_kpt_idx)


def _rgb_of_each(colors: Any, count: int, name: str, what: str) -> np.ndarray:
    """(count, 3) RGB; grey where no colour is known."""
    each = _one_each(colors, count, name, what) or [_GREY] * count
    return np.array(_rgb(each, count), dtype=np.float64).reshape(count, 3)


def _ground_truth(instances: InstanceData | None) -> np.ndarray | None:
    """(N, K, 3) poses, or ``None`` if there are none in space."""
    for key in _KEYS_OF_TRUTH:
        if instances is not None and key in instances:
            poses = to_numpy(instances.get(key))
            if poses.shape[-1] == 3:
                return poses.reshape(-1, *poses.shape[-2:]).astype(np.float64)
    return None


def _predictions(
    instances: InstanceData | None,
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """(N, K, 3) poses, their (N, K) visibility and a title for each."""
    if instances is None or 'keypoints' not in instances or not len(instances):
        return np.zeros((0, 0, 3)), np.zeros((0, 0)), []
    poses = to_numpy(instances.keypoints)
    if poses.shape[-1] != 3:
        raise ValueError(
            f'The predicted keypoints have the shape {poses.shape}; (N, K, 3), poses in space, '
            'were expected. Give 2D poses as `det_data_sample`, or use PoseLocalVisualizer.'
        )
    poses = poses.reshape(-1, *poses.shape[-2:]).astype(np.float64)
    visible = _visibility(instances, poses).reshape(poses.shape[:2])
    if 'track_ids' in instances and len(instances) == len(poses):
        return poses, visible, [f'Track {int(i)}' for i in instances.track_ids]
    return poses, visible, [f'Instance {i}' for i in range(len(poses))]


def _limited_by_2d(
    visible: np.ndarray,
    found: InstanceData | None,
    dataset_2d: str | dict,
    dataset_3d: str | dict,
) -> np.ndarray:
    """(N, K) visibility, at most that of the keypoints in the picture."""
    if found is None or 'keypoint_scores' not in found or not 0 < len(found) == len(visible):
        return visible
    scores = to_numpy(found.keypoint_scores)[..., None]
    return np.minimum(visible, convert_keypoint_definition(scores, dataset_2d, dataset_3d)[..., 0])
