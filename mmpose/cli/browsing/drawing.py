"""Pictures of samples anywhere in a pipeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from mmengine.structures import InstanceData, PixelData

from mmpose.cli.stages import Stage
from mmpose.structures import PoseDataSample
from mmpose.structures.bbox import bbox_cs2xyxy, bbox_xyxy2corner
from mmpose.visualization import PoseLocalVisualizer

# what is drawn of a sample
DRAWN = (
    *('img', 'img_path', 'img_paths', 'img_id', 'id', 'bbox', 'bbox_center', 'bbox_scale'),
    *('bbox_rotation', 'input_center', 'keypoints', 'transformed_keypoints', 'keypoints_visible'),
    *('num_keypoints', 'heatmaps', 'heatmap_mask', 'dataset_name'),
)
_SHORT_SIDE, _LONG_SIDE = 256, 900  # pixels; small crops are shown larger, large pictures smaller
_TILE_HEIGHT, _TILE_GAP, _TITLE_HEIGHT = 320, 8, 30
_ROW_WIDTH, _TILE_MIN_WIDTH = 1800, 200
_BLANK_SIDE = 480
_AROUND = [0, 1, 3, 2]  # corners come line by line
_REGION_COLOR = (255, 160, 0)
_MASKED_SHARE = 0.35  # of the light that is left where a mask excludes a picture


class SampleDrawer:
    """Draws samples with the project's visualizer.

    Args:
        metainfos: The skeletons of the data sets, that of the outermost first.
        visualizer_cfg: The config's ``visualizer``, whose sizes and colours are taken over.
    """

    def __init__(self, metainfos: Sequence[dict], visualizer_cfg: Mapping | None = None) -> None:
        settings = dict(visualizer_cfg or {})
        if settings.pop('type', None) != 'PoseLocalVisualizer':  # it may draw something else
            settings = {}
        for key in ('_scope_', 'vis_backends', 'save_dir'):  # pictures go where the command says
            settings.pop(key, None)
        self.visualizer = PoseLocalVisualizer(**{'radius': 4, 'line_width': 2, **settings})
        self._metainfos = metainfos

    def draw(self, sample: dict) -> np.ndarray:
        """(H, W, 3) uint8 RGB, the sample's picture with boxes and poses, beside its heatmaps.

        A sample without a picture, such as one for pose lifting, is drawn on a blank one.

        Args:
            sample: Values by the keys ``DRAWN``, as far as there are any.
        """
        instances = _instances(sample)
        image = _picture(sample)
        if image is None:
            image = _blank_around(instances)
        image = _masked(image, sample.get('heatmap_mask'))
        image, scale = _display_size(image)
        for name in ('keypoints', 'bboxes', 'regions'):
            if name in instances:
                # a pixel's place is its middle
                instances[name] = (instances[name] + 0.5) * scale - 0.5
        regions = instances.pop('regions', ())
        data_sample = PoseDataSample(gt_instances=InstanceData(**instances))
        heatmaps = _heatmaps(sample)
        if heatmaps is not None:
            data_sample.gt_fields = PixelData(heatmaps=heatmaps)
        self.visualizer.set_dataset_meta(self._skeleton(sample))
        drawn = self.visualizer.add_datasample(
            'sample', image, data_sample, draw_bbox=True, draw_heatmap=True
        )
        drawn, *heatmaps = np.split(drawn, range(len(image), len(drawn), len(image)))
        return np.hstack([_with_outlines(drawn, regions), *heatmaps])

    def strip(self, stages: Sequence[Stage]) -> np.ndarray:
        """The stages that have a picture, side by side under their names.

        The first is the picture as the data set has it. Where there are no pictures, as in pose
        lifting, the item alone is drawn.
        """
        shown = [stage for stage in stages if 'img' in stage.sample] or stages[:1]
        titles = [f'{shown[0].name} (original)'.strip(), *(stage.name for stage in shown[1:])]
        tiles = [
            self._tile(title, self.draw(stage.sample))
            for title, stage in zip(titles, shown, strict=True)
        ]
        rows: list[list[np.ndarray]] = [[]]
        for tile in tiles:
            if sum(t.shape[1] for t in (*rows[-1], tile)) > _ROW_WIDTH and rows[-1]:
                rows.append([])
            rows[-1].append(tile)
        return _stacked([_stacked(row, axis=1) for row in rows], axis=0)

    def _tile(self, title: str, picture: np.ndarray) -> np.ndarray:
        """The picture at the height of a tile, below its title."""
        height, width = picture.shape[:2]
        size = (max(round(width * _TILE_HEIGHT / height), 1), _TILE_HEIGHT)
        tile = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
        pads = ((_TITLE_HEIGHT, 0), (0, max(_TILE_MIN_WIDTH - size[0], 0)), (0, 0))
        tile = np.pad(tile, pads, constant_values=255)
        self.visualizer.set_image(tile)
        place = np.array([4, _TITLE_HEIGHT / 2])
        self.visualizer.draw_texts(
            title, place, font_sizes=13, colors='black', vertical_alignments='center'
        )
        return self.visualizer.get_image()

    def _skeleton(self, sample: dict) -> dict:
        """The skeleton that the sample's keypoints follow; of no colours if none does."""
        points = sample.get('keypoints')
        K = 0 if points is None else np.shape(points)[1]
        fitting = [meta for meta in self._metainfos if meta.get('num_keypoints') == K]
        named = [m for m in fitting if m.get('dataset_name') == sample.get('dataset_name')]
        unknown = dict(
            keypoint_colors='red', skeleton_links=[], skeleton_link_colors=[], dataset_name=''
        )
        return (named or fitting or [unknown])[0]


def _with_outlines(image: np.ndarray, regions: Sequence[np.ndarray]) -> np.ndarray:
    """The picture with the outlines of regions (N, 4, 2), such as what will be cropped."""
    corners = [np.round(region).astype(np.int32) for region in regions]
    return cv2.polylines(image.copy(), corners, True, _REGION_COLOR, 2, cv2.LINE_AA)


def describe(sample: dict) -> dict[str, str]:
    """What a caption says of an item: file, ids, box, how many keypoints are labelled."""
    paths = np.ravel(sample.get('img_path', sample.get('img_paths', ())))
    words = {}
    if len(paths):
        more = f' and {len(paths) - 1} more' if len(paths) > 1 else ''
        words['file'] = f'{Path(str(paths[0])).name}{more}'
    for key, name in (('img_id', 'image id'), ('id', 'id')):
        if key in sample:
            words[name] = ', '.join(str(value) for value in np.ravel(sample[key])) or '-'
    boxes = sample.get('bbox')
    if boxes is not None and len(boxes) == 1:
        words['box'] = ', '.join(f'{value:.0f}' for value in np.ravel(boxes)[:4])
    elif boxes is not None:
        words['boxes'] = str(len(boxes))
    instances = _instances(sample)
    if 'keypoints' in instances:
        visible = instances['keypoints_visible']
        words['keypoints'] = f'{int((visible > 0).sum())} of {visible.size} labelled'
    return words


def _picture(sample: dict) -> np.ndarray | None:
    """(H, W, 3) uint8 RGB; of several frames or sizes the first."""
    image = sample.get('img')
    image = image[0] if isinstance(image, (list, tuple)) else image
    if image is None:
        return None
    image = np.clip(image, 0, 255).astype(np.uint8)
    image = image.reshape(*image.shape[:2], -1)
    planes = [0, 0, 0] if image.shape[2] == 1 else [2, 1, 0]
    return np.ascontiguousarray(image[..., planes])


def _instances(sample: dict) -> dict[str, np.ndarray]:
    """Poses and boxes in pixels of the sample's picture."""
    found: dict[str, np.ndarray] = {}
    points = sample.get('transformed_keypoints', sample.get('keypoints'))
    if points is not None and points.ndim == 3:
        visible = np.asarray(sample.get('keypoints_visible', np.ones(points.shape[:2])), np.float64)
        visible = visible[..., 0] if visible.ndim == 3 else visible
        if not np.any(sample['keypoints']):  # of a detected box
            visible = np.zeros_like(visible)
        found.update(keypoints=points[..., :2].astype(np.float64), keypoints_visible=visible)
    boxes, is_cropped = sample.get('bbox'), 'transformed_keypoints' in sample
    if boxes is not None and not is_cropped:
        boxes = np.asarray(boxes, dtype=np.float64)
        if boxes.ndim == 3:  # corners, perhaps turned
            found['regions'] = boxes[:, _AROUND]
        elif len(found.get('keypoints', boxes)) == len(boxes):
            found['bboxes'] = boxes
    if 'bbox_center' in sample and 'bbox_scale' in sample and not is_cropped:
        found['regions'] = _regions(sample)
    return found


def _regions(sample: dict) -> np.ndarray:
    """The corners (N, 4, 2) of what will be cropped."""
    centers = np.asarray(sample['bbox_center'], dtype=np.float64)
    boxes = bbox_cs2xyxy(centers, np.asarray(sample['bbox_scale']))
    corners = bbox_xyxy2corner(boxes)[:, _AROUND]
    angles = np.radians(np.ravel(sample.get('bbox_rotation', np.zeros(len(centers)))))
    cos, sin = np.cos(angles), np.sin(angles)
    turns = np.stack([np.stack([cos, sin], -1), np.stack([-sin, cos], -1)], axis=1)
    return (corners - centers[:, None]) @ turns + centers[:, None]


def _heatmaps(sample: dict) -> np.ndarray | None:
    """(K, H, W), those of the finest level; without the offsets that UDP puts between them."""
    heatmaps = sample.get('heatmaps')
    if isinstance(heatmaps, (list, tuple)):
        heatmaps = max(heatmaps, key=lambda level: np.shape(level)[-1])
    if heatmaps is None or heatmaps.ndim != 3:
        return None
    K = np.shape(sample.get('keypoints', np.empty((0, 0))))[1]
    return heatmaps[::3] if K and len(heatmaps) == 3 * K else heatmaps


def _masked(image: np.ndarray, mask: Any) -> np.ndarray:
    """The picture, dark where ``mask`` is False."""
    if isinstance(mask, (list, tuple)):
        mask = max(mask, key=lambda level: level.shape[-1])
    if mask is None or mask.all():
        return image
    height, width = image.shape[:2]
    mask = cv2.resize(mask.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST)
    return np.where(mask[..., None] > 0, image, image * _MASKED_SHARE).astype(np.uint8)


def _display_size(image: np.ndarray) -> tuple[np.ndarray, float]:
    """The picture at a size to look at, and by how much it was enlarged."""
    short, long = sorted(image.shape[:2])
    scale = min(max(_SHORT_SIDE / short, 1), _LONG_SIDE / long)
    if scale == 1:
        return image, 1.0
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return cv2.resize(image, None, fx=scale, fy=scale, interpolation=interpolation), scale


def _blank_around(instances: dict) -> np.ndarray:
    """A white picture that the pose fills, of several frames the middle one.

    Args:
        instances: Poses, of which that one is left, moved into the picture.
    """
    image = np.full((_BLANK_SIDE, _BLANK_SIDE, 3), 255, dtype=np.uint8)
    for name, values in instances.items():
        instances[name] = values[[len(values) // 2]] if len(values) else values
    points = instances.get('keypoints', np.empty((0, 0, 2)))
    visible = instances.get('keypoints_visible', points[..., 0])
    labelled = np.isfinite(points).all(axis=-1) & (visible > 0)
    if labelled.any():
        low, high = points[labelled].min(axis=0), points[labelled].max(axis=0)
        scale = 0.85 * _BLANK_SIDE / max(*(high - low), 1e-6)
        instances['keypoints'] = (points - (low + high) / 2) * scale + _BLANK_SIDE / 2
    return image


def _stacked(pictures: Sequence[np.ndarray], axis: int) -> np.ndarray:
    """Pictures one after the other along an axis, with white between and behind them."""
    other = 1 - axis
    size = max((picture.shape[other] for picture in pictures), default=1)
    padded = []
    for picture in pictures:
        pads = [(0, 0)] * 3
        pads[axis] = (0, _TILE_GAP)
        pads[other] = (0, size - picture.shape[other])
        padded.append(np.pad(picture, pads, constant_values=255))
    return np.concatenate(padded, axis=axis)
