"""Pictures of poses: keypoints, skeletons, boxes and heatmaps."""

from __future__ import annotations

import warnings
from typing import Any

import mmcv
import numpy as np
from mmengine.dist import master_only
from mmengine.structures import InstanceData, PixelData
from mmengine.visualization.utils import convert_overlay_heatmap

from mmpose.registry import VISUALIZERS
from mmpose.structures import PoseDataSample
from mmpose.utils.tensor_utils import to_numpy

from .opencv_backend_visualizer import Color, OpencvBackendVisualizer
from .openpose_style import LIMB_ALPHA, limb_polygon, openpose_definition, to_openpose

STYLES = ('mmpose', 'openpose')


@VISUALIZERS.register_module()
class PoseLocalVisualizer(OpencvBackendVisualizer):
    """Draws the ground truth and the predictions of a data sample, side by side.

    Args:
        name: The name of the instance.
        image: (H, W, 3) RGB picture to draw on.
        vis_backends: Where pictures without a file name go, such as
            ``[dict(type='LocalVisBackend')]``.
        save_dir: The folder of backends that write files.
        bbox_color: Of boxes.
        kpt_color: Of keypoints: one for all or one for each. A data set's own colours replace it.
        link_color: Of links: one for all or one for each; replaced likewise.
        text_color: Of box labels; ``None`` leaves labels out.
        skeleton: Links between keypoints, as pairs of indices; replaced likewise.
        line_width: Of links, in pixels.
        radius: Of keypoints, in pixels.
        show_keypoint_weight: Make unsure keypoints and links transparent.
        backend: ``'opencv'`` or ``'matplotlib'``.
        alpha: 0 (invisible) to 1 (opaque).

    Examples:
        >>> visualizer = PoseLocalVisualizer(radius=4, line_width=2)
        >>> visualizer.set_dataset_meta(model.dataset_meta)
        >>> picture = visualizer.add_datasample('result', image, sample, out_file='result.png')
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
        alpha: float = 1.0,
    ) -> None:
        super().__init__(
            name=name,
            image=image,
            vis_backends=vis_backends,
            save_dir=save_dir,
            backend=backend,
        )
        self.bbox_color = bbox_color
        self.kpt_color = kpt_color
        self.link_color = link_color
        self.text_color = text_color
        self.skeleton = skeleton
        self.line_width = line_width
        self.radius = radius
        self.show_keypoint_weight = show_keypoint_weight
        self.alpha = alpha

    def set_dataset_meta(self, dataset_meta: dict | None, skeleton_style: str = 'mmpose') -> None:
        """Take over the skeleton and the colours of a data set.

        Args:
            dataset_meta: As :func:`mmpose.structures.metainfo.parse_pose_metainfo` makes it;
                ``None`` leaves the colours and the skeleton given to the constructor.
            skeleton_style: Only checked; the style given to :meth:`add_datasample` decides.

        Raises:
            ValueError: The style is unknown.
        """
        _check_style(skeleton_style)
        self.dataset_meta = dataset_meta
        meta = dataset_meta or {}
        self.bbox_color = meta.get('bbox_color', self.bbox_color)
        self.kpt_color = _as_colors(meta.get('keypoint_colors', self.kpt_color))
        self.link_color = _as_colors(meta.get('skeleton_link_colors', self.link_color))
        self.skeleton = meta.get('skeleton_links', self.skeleton)

    @master_only
    def add_datasample(
        self,
        name: str,
        image: np.ndarray,
        data_sample: PoseDataSample,
        draw_gt: bool = True,
        draw_pred: bool = True,
        draw_heatmap: bool = False,
        draw_bbox: bool = False,
        show_kpt_idx: bool = False,
        skeleton_style: str = 'mmpose',
        show: bool = False,
        wait_time: float = 0,
        out_file: str | None = None,
        kpt_thr: float = 0.3,
        step: int = 0,
    ) -> np.ndarray:
        """Draw a data sample; write the picture to a file or hand it to the backends.

        Ground truth is on the left and predictions on the right, each with its heatmaps below.

        Args:
            name: The window's title and the backends' name for the picture.
            image: (H, W, 3) RGB, 0 to 255.
            data_sample: With ``gt_instances`` and ``gt_fields``, ``pred_instances`` and
                ``pred_fields``, as far as there are any.
            draw_gt: Whether to draw the ground truth.
            draw_pred: Whether to draw the predictions.
            draw_heatmap: Whether to draw the heatmaps of the fields.
            draw_bbox: Whether to draw boxes.
            show_kpt_idx: Whether to write the index of each keypoint beside it.
            skeleton_style: ``'mmpose'``: dots and lines; ``'openpose'``: dots and ellipses, for
                COCO with OpenPose's keypoints and colours.
            show: Whether to show the picture in a window.
            wait_time: Seconds that the window waits; 0 waits for a key.
            out_file: Where to write the picture; ``None`` hands it to the backends.
            kpt_thr: Keypoints less visible (or with a lower score) are left out.
            step: The backends' step.

        Returns:
            (H', W', 3) uint8 RGB, the picture.

        Raises:
            ValueError: The style is unknown, or there is another number of colours than
                keypoints.
            RuntimeError: ``show`` without a display.
        """
        _check_style(skeleton_style)
        columns = [
            self._draw_column(
                image,
                data_sample.get(f'{part}_instances'),
                data_sample.get(f'{part}_fields') if draw_heatmap else None,
                draw_bbox,
                kpt_thr,
                show_kpt_idx,
                skeleton_style,
            )
            for part, wanted in (('gt', draw_gt), ('pred', draw_pred))
            if wanted and (f'{part}_instances' in data_sample or f'{part}_fields' in data_sample)
        ]
        drawn = _side_by_side(columns) if columns else image.astype(np.uint8)
        self.set_image(drawn)
        if show:
            self.show(drawn, win_name=name, wait_time=wait_time)
        if out_file is not None:
            mmcv.imwrite(drawn[..., ::-1], str(out_file))
        else:
            self.add_image(name, drawn, step)
        return drawn

    def _draw_column(
        self,
        image: np.ndarray,
        instances: InstanceData | None,
        fields: PixelData | None,
        draw_bbox: bool,
        kpt_thr: float,
        show_kpt_idx: bool,
        skeleton_style: str,
    ) -> np.ndarray:
        """The picture with its instances, above the picture with its heatmaps."""
        drawn = image.astype(np.uint8)
        if instances is not None:
            if draw_bbox:
                drawn = self._draw_instances_bbox(drawn, instances)
            drawn = self._draw_instances_kpts(
                drawn, instances, kpt_thr, show_kpt_idx, skeleton_style
            )
        heatmap = None if fields is None else self._draw_instance_heatmap(fields, image)
        return drawn if heatmap is None else np.concatenate([drawn, heatmap])

    def _draw_instances_bbox(self, image: np.ndarray, instances: InstanceData) -> np.ndarray:
        """The picture with the box of each instance and, if there are labels, its class."""
        self.set_image(image)
        bboxes = to_numpy(instances.get('bboxes', np.empty((0, 4))))
        if self.bbox_color is None or not len(bboxes):
            return self.get_image()
        self.draw_bboxes(bboxes, self.bbox_color, self.line_width, self.alpha)
        if 'labels' in instances and self.text_color is not None:
            classes = (self.dataset_meta or {}).get('classes')
            labels = [int(label) for label in instances.labels]
            texts = [classes[i] if classes else f'class {i}' for i in labels]
            self.draw_texts(texts, bboxes[:, :2], colors=self.text_color)
        return self.get_image()

    def _draw_instances_kpts(
        self,
        image: np.ndarray,
        instances: InstanceData,
        kpt_thr: float = 0.3,
        show_kpt_idx: bool = False,
        skeleton_style: str = 'mmpose',
    ) -> np.ndarray:
        """The picture with the links and keypoints of each instance."""
        self.set_image(image)
        if 'keypoints' not in instances or not len(instances):
            return self.get_image()
        keypoints = to_numpy(instances.get('transformed_keypoints', instances.keypoints))
        keypoints = keypoints[..., :2].astype(np.float64)
        visible = _visibility(instances, keypoints)
        kpt_color, link_color, skeleton = self.kpt_color, self.link_color, self.skeleton
        if skeleton_style == 'openpose' and self.dataset_meta:
            openpose = openpose_definition(self.dataset_meta)
            keypoints, visible = to_openpose(keypoints, visible, self.dataset_meta, openpose)
            kpt_color = _as_colors(openpose['keypoint_colors'])
            link_color = _as_colors(openpose['skeleton_link_colors'])
            skeleton = openpose['skeleton_links']
        if skeleton is None:
            warnings.warn(
                'No skeleton is known, so keypoints are drawn without links; pass the metainfo of '
                'the data set to `set_dataset_meta`.',
                stacklevel=2,
            )
        visible = np.where(np.isfinite(keypoints).all(axis=-1), visible, -np.inf)
        kpt_colors = _one_each(kpt_color, keypoints.shape[1], 'kpt_color', 'keypoints')
        links = skeleton or []
        link_colors = _one_each(link_color, len(links), 'link_color', 'links')
        for points, scores in zip(keypoints, visible, strict=True):
            self._draw_links(points, scores, links, link_colors, kpt_thr, skeleton_style)
            self._draw_dots(points, scores, kpt_colors, kpt_thr, show_kpt_idx)
        return self.get_image()

    def _draw_links(
        self,
        points: np.ndarray,
        scores: np.ndarray,
        links: list[tuple[int, int]],
        colors: list[Color] | None,
        kpt_thr: float,
        skeleton_style: str,
    ) -> None:
        """Draw the links of one instance: points (K, 2), scores (K,)."""
        if colors is None or not links:
            return
        ends, both = points[np.array(links)], scores[np.array(links)]
        shown = np.flatnonzero((both >= kpt_thr).all(axis=1))
        colors, alphas = [colors[i] for i in shown], self._alphas(both[shown].mean(axis=1))
        if skeleton_style == 'openpose':
            limbs = [limb_polygon(ends[i], self.line_width) for i in shown]
            self.draw_polygons(limbs, colors, alphas * LIMB_ALPHA)
        else:
            self.draw_lines(ends[shown, :, 0], ends[shown, :, 1], colors, self.line_width, alphas)

    def _draw_dots(
        self,
        points: np.ndarray,
        scores: np.ndarray,
        colors: list[Color] | None,
        kpt_thr: float,
        show_kpt_idx: bool,
    ) -> None:
        """Draw the keypoints of one instance, and their indices."""
        shown = np.flatnonzero(scores >= kpt_thr)
        if colors is None or not len(shown):
            return
        points, colors = points[shown], [colors[k] for k in shown]
        self.draw_circles(points, self.radius, colors, self._alphas(scores[shown]))
        if show_kpt_idx:
            self.draw_texts(
                [str(k) for k in shown],
                points - (0, self.radius + 1),
                font_sizes=max(8, self.radius * 2.5),
                colors=colors,
                vertical_alignments='bottom',
                horizontal_alignments='center',
            )

    def _draw_instance_heatmap(
        self, fields: PixelData, overlaid_image: np.ndarray
    ) -> np.ndarray | None:
        """The picture under the highest of all heatmaps; ``None`` if there are no heatmaps."""
        if 'heatmaps' not in fields:
            return None
        heatmap = to_numpy(fields.heatmaps)
        heatmap = heatmap.max(axis=0) if heatmap.ndim == 3 else heatmap
        height, width = overlaid_image.shape[:2]
        heatmap = mmcv.imresize(heatmap.astype(np.float32), (width, height))
        return convert_overlay_heatmap(heatmap, overlaid_image.astype(np.uint8), alpha=0.5)

    def _alphas(self, scores: np.ndarray) -> np.ndarray:
        weights = scores.clip(0, 1) if self.show_keypoint_weight else np.ones_like(scores)
        return self.alpha * weights


def _visibility(instances: InstanceData, keypoints: np.ndarray) -> np.ndarray:
    """(N, K): the visibility of each keypoint, else its score, else 1."""
    for key in ('keypoints_visible', 'keypoint_scores'):
        if key in instances:
            visible = to_numpy(instances.get(key)).astype(np.float64)
            return visible[..., 0] if visible.ndim == 3 else visible
    return np.ones(keypoints.shape[:2])


def _as_colors(colors: Any) -> Any:
    """A colour, or a list of colours, from whatever a definition or a config holds."""
    if colors is None or isinstance(colors, str):
        return colors
    values = [c if isinstance(c, str) else np.asarray(c).tolist() for c in colors]
    if values and all(isinstance(v, int) for v in values):
        return tuple(values)
    return [v if isinstance(v, str) else tuple(v) for v in values]


def _one_each(colors: Any, count: int, name: str, what: str) -> list[Color] | None:
    colors = _as_colors(colors)
    if colors is None or isinstance(colors, list):
        if colors is not None and len(colors) != count:
            raise ValueError(
                f'{name} has {len(colors)} colours for {count} {what}; give one colour for all, or '
                'pass the metainfo of the data set that the keypoints belong to to '
                '`set_dataset_meta`.'
            )
        return colors
    return [colors] * count


def _side_by_side(columns: list[np.ndarray]) -> np.ndarray:
    """The pictures next to each other, the lower ones continued in black."""
    height = max(len(column) for column in columns)
    return np.concatenate(
        [np.pad(c, ((0, height - len(c)), (0, 0), (0, 0))) for c in columns], axis=1
    )


def _check_style(skeleton_style: str) -> None:
    if skeleton_style not in STYLES:
        raise ValueError(f'skeleton_style is {skeleton_style!r}; it has to be one of {STYLES}.')
