"""Makes the pictures of ``docs/codecs.md``: ``python docs/make_codec_images.py``."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import cv2
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from mpl_toolkits.axes_grid1 import make_axes_locatable
from PIL import Image

from mmpose.codecs import (
    SPR,
    AssociativeEmbedding,
    DecoupledHeatmap,
    MegviiHeatmap,
    MSRAHeatmap,
    SimCCLabel,
    UDPHeatmap,
)
from mmpose.datasets.synthetic import SyntheticPeople
from mmpose.datasets.transforms import GetBBoxCenterScale, TopdownAffine

IMAGES = Path(__file__).parent / 'images'
DPI = 120
WIDTH = 9.0  # inches, as wide as a page shows them

CROP = dict(input_size=(192, 256), heatmap_size=(48, 64))
PICTURE = dict(input_size=(512, 384), heatmap_size=(128, 96))
NOSE, ELBOW, WRIST, ANKLE = 0, 8, 10, 16  # of COCO, on the right
LIMBS = [
    *[(15, 13), (13, 11), (16, 14), (14, 12), (11, 12), (5, 11), (6, 12), (5, 6)],
    *[(5, 7), (7, 9), (6, 8), (8, 10), (0, 5), (0, 6)],
]
COLORS = ['#0072b2', '#d55e00', '#009e73']
ARROW = dict(arrowstyle='->', lw=1.2, shrinkA=0, shrinkB=0)
ARROW_LENGTH = 0.35  # of the way, so that arrows do not meet
TRUE = dict(marker='+', ms=13, mew=1.8, color='black', ls='none', label='true position')
DECODED = dict(
    marker='o', ms=9, mew=1.8, mec='#d55e00', mfc='none', ls='none', label='decoded position'
)

plt.rcParams.update({'font.size': 9, 'axes.titlesize': 9, 'axes.linewidth': 0.6})


def save(name: str, figure: Figure, colors: int | None = None) -> None:
    """Write a figure, small enough for a repository.

    Args:
        name: File name.
        figure: The figure, which is closed.
        colors: How many colours are left; ``None``: all.
    """
    buffer = io.BytesIO()
    figure.savefig(buffer, dpi=DPI)
    plt.close(figure)
    picture = Image.open(buffer).convert('RGB')
    if colors is not None:
        picture = picture.quantize(colors, dither=Image.Dither.NONE)
    picture.save(IMAGES / name, optimize=True)


def person() -> tuple[np.ndarray, np.ndarray]:
    """The crop of a person (256, 192, 3), RGB, and its keypoints (1, 17, 2)."""
    image, (annotation, *_) = SyntheticPeople((480, 360), (1, 1), (220, 320), seed=3).draw(8)
    x, y, w, h = annotation['bbox']
    labels = np.reshape(annotation['keypoints'], (1, 17, 3)).astype(np.float32)
    sample = dict(img=image, bbox=np.float32([[x, y, x + w, y + h]]), keypoints=labels[..., :2])
    sample = TopdownAffine(CROP['input_size'])(GetBBoxCenterScale()(sample))
    return sample['img'][..., ::-1], sample['transformed_keypoints']


def people() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A picture (384, 512, 3), RGB, with keypoints (3, 17, 2) and visibility (3, 17)."""
    image, annotations = SyntheticPeople((512, 384), (3, 3), (170, 300), seed=3).draw(7)
    labels = np.reshape([ann['keypoints'] for ann in annotations], (-1, 17, 3)).astype(np.float32)
    return image[..., ::-1], labels[..., :2], (labels[..., 2] > 0).astype(np.float32)


def faded(image: np.ndarray) -> np.ndarray:
    """The picture as a pale background."""
    grey = cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2GRAY)
    return cv2.cvtColor((190 + grey * 0.25).astype(np.uint8), cv2.COLOR_GRAY2RGB)


def show(axes: Axes, image: np.ndarray, title: str) -> None:
    """A picture whose axes are its pixels."""
    axes.imshow(image)
    axes.set(title=title, xticks=[], yticks=[])


def cells(
    axes: Axes,
    values: np.ndarray,
    scale: Sequence[float],
    middle: float = 0.0,
    vmax: float | None = None,
) -> None:
    """A heatmap (H, W) as tiles, each around the pixel that its cell stands for.

    Args:
        axes: Where to draw, in pixels of the input.
        values: (H, W).
        scale: (x, y) pixels per cell.
        middle: Where in a cell that pixel is: 0 for the centre, 0.5 for the upper left corner.
        vmax: The value of the darkest blue; ``None``: above all values.
    """
    H, W = values.shape
    xs, ys = ((np.arange(n + 1) - 0.5 + middle) * s for n, s in zip((W, H), scale, strict=True))
    axes.pcolormesh(
        xs, ys, values, cmap='Blues', vmin=0, vmax=vmax or 1.4 * values.max(), ec='white', lw=0.4
    )


def zoom(axes: Axes, center: Sequence[float], reach: float) -> None:
    """Show the square around a point alone, y downwards."""
    x, y = center
    axes.set(xlim=(x - reach, x + reach), ylim=(y + reach, y - reach), aspect='equal')
    axes.set(xticks=[], yticks=[])


def frame(axes: Axes, center: Sequence[float], reach: float) -> None:
    """Mark the square that another picture enlarges."""
    corner = np.subtract(center, reach)
    axes.add_patch(Rectangle(corner, 2 * reach, 2 * reach, fill=False, ec='black', lw=1.2))


def heatmaps() -> Figure:
    """The surroundings of a keypoint in four kinds of heatmaps."""
    image, keypoints = person()
    variants = [
        ('MSRAHeatmap', MSRAHeatmap(**CROP, sigma=2), 0.0),
        ('MSRAHeatmap, unbiased', MSRAHeatmap(**CROP, sigma=2, unbiased=True), 0.0),
        ('UDPHeatmap', UDPHeatmap(**CROP, sigma=2), 0.0),
        ('MegviiHeatmap', MegviiHeatmap(**CROP, kernel_size=11), 0.5),
    ]
    figure, axes = plt.subplots(1, 5, figsize=(WIDTH, 2.5), width_ratios=[0.75, 1, 1, 1, 1])
    show(axes[0], image, 'input, 192 x 256')
    point, reach = keypoints[0, ELBOW], 17
    frame(axes[0], point, reach)
    for ax, (name, codec, middle) in zip(axes[1:], variants, strict=True):
        maps = codec.encode(keypoints)['heatmaps']
        decoded = codec.decode(maps)[0][0, ELBOW]
        cells(ax, maps[ELBOW], codec.scale_factor, middle)
        ax.plot(*point, **TRUE)
        ax.plot(*decoded, **DECODED)
        zoom(ax, point, reach)
        ax.set(title=name, xlabel=f'{np.linalg.norm(decoded - point):.1f} px off')
    legend(figure, axes[1])
    figure.tight_layout(rect=(0, 0.08, 1, 1), w_pad=0.5)
    return figure


def legend(figure: Figure, axes: Axes) -> None:
    """One legend below all."""
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles, labels, loc='lower center', ncols=2, frameon=False)


def offsets() -> Figure:
    """The three maps of a keypoint in UDP's combined heatmaps."""
    image, keypoints = person()
    codec = UDPHeatmap(**CROP, heatmap_type='combined')
    maps = codec.encode(keypoints)['heatmaps']
    disc, right, below = maps[3 * ELBOW : 3 * ELBOW + 3]
    point, decoded = keypoints[0, ELBOW], codec.decode(maps)[0][0, ELBOW]
    radius = codec.radius_factor * max(disc.shape)  # cells
    (sx, sy), (H, W) = codec.scale_factor, disc.shape
    extent, reach = (-0.5 * sx, (W - 0.5) * sx, (H - 0.5) * sy, -0.5 * sy), 1.4 * radius * sy

    figure, (left, *middle, ax) = plt.subplots(
        1, 4, figsize=(WIDTH, 2.75), width_ratios=[0.74, 0.74, 0.74, 1], layout='compressed'
    )
    show(left, faded(image), 'disc')
    shown = np.ma.masked_equal(disc, 0)
    left.imshow(shown, extent=extent, cmap='Blues', vmin=0, vmax=1.4)
    left.set(xlim=(-0.5, 191.5), ylim=(255.5, -0.5))
    for other, values, name in zip(middle, (right, below), ('along x', 'along y'), strict=True):
        drawn = other.imshow(values, extent=extent, cmap='RdBu', vmin=-11, vmax=11)
        other.set(title=f'offset {name}', xticks=[], yticks=[])
    for other in (left, *middle):
        frame(other, point, reach)
    figure.colorbar(drawn, ax=middle[1], shrink=0.9, label='radii', ticks=[-10, -5, 0, 5, 10])

    cells(ax, 0.3 * disc, codec.scale_factor, vmax=1)
    y, x = np.nonzero(disc)
    steps = np.stack([right[y, x] * sx, below[y, x] * sy]) * radius * ARROW_LENGTH
    ax.quiver(x * sx, y * sy, *steps, angles='xy', scale_units='xy', scale=1, width=0.008)
    ax.plot(*point, **TRUE)
    ax.plot(*decoded, **DECODED)
    zoom(ax, point, reach)
    ax.set(title='the way from each cell, shortened')
    ax.legend(
        loc='upper center',
        bbox_to_anchor=(0.5, -0.02),
        ncols=2,
        frameon=False,
        columnspacing=1,
        handletextpad=0.2,
    )
    return figure


def simcc() -> Figure:
    """SimCC vectors along the sides of the crop, and a part of one of them."""
    image, keypoints = person()
    size = CROP['input_size']
    gaussian = SimCCLabel(size, sigma=(4.9, 5.66), normalize=False)
    standard = SimCCLabel(size, smoothing_type='standard', label_smooth_weight=0.1)
    figure, (ax, part) = plt.subplots(
        1, 2, figsize=(WIDTH, 3.4), width_ratios=[0.85, 1.3], layout='constrained'
    )
    show(ax, faded(image), '')
    sides = make_axes_locatable(ax)
    top, side = sides.append_axes('top', '22%', pad=0.06), sides.append_axes('right', '29%', 0.06)
    along_x, along_y = (gaussian.encode(keypoints)[f'keypoint_{a}_labels'][0] for a in 'xy')
    for k, color in zip((NOSE, WRIST, ANKLE), COLORS, strict=True):
        x, y = keypoints[0, k]
        top.fill_between(np.arange(along_x.shape[1]), along_x[k], color=color, lw=0)
        side.fill_betweenx(np.arange(along_y.shape[1]), along_y[k], color=color, lw=0)
        ax.plot([x, x, 192], [-1, y, y], color=color, lw=1.2, ls=':')
        ax.plot(x, y, 'o', ms=5, color=color, mec='white', mew=0.8)
    ax.set(xlim=(-0.5, 191.5), ylim=(255.5, -0.5), xlabel='input, 192 x 256')
    top.set(xlim=(-1, 383), ylim=(0, 1.1))
    top.set_title('x: 384 bins')
    side.set(ylim=(511, -1), xlim=(0, 1.1))
    side.set_title('y: 512 bins', loc='left')
    for vector in (top, side):
        vector.set(xticks=[], yticks=[])
        vector.spines[['top', 'right', 'left' if vector is top else 'bottom']].set_visible(False)

    x, labels = keypoints[0, WRIST, 0], along_x[WRIST]
    first = labels.argmax() - 16
    bins = np.arange(first, first + 33)
    smoothed = standard.encode(keypoints)['keypoint_x_labels'][0, WRIST]
    part.bar(bins, labels[bins], width=0.8, color=COLORS[1], alpha=0.45, label='gaussian')
    part.plot(bins, smoothed[bins], 's', ms=4, color='black', label='standard, weight 0.1')
    part.axvline(x * 2, color='black', lw=1.2, ls='--', label='true position')
    part.set(title="the wrist's x, enlarged", xlabel='bins of half a pixel')
    part.set(ylim=(0, 1.05), yticks=[0, 0.5, 1])
    part.spines[['top', 'right']].set_visible(False)
    part.legend(frameon=False, loc='upper left')
    return figure


def bottomup() -> Figure:
    """What three codecs make of a picture of three people."""
    image, keypoints, visible = people()
    figure, axes = plt.subplots(2, 2, figsize=(WIDTH, 7.3), layout='constrained')
    for ax, background, title in (
        (axes[0, 0], image, 'input, 512 x 384'),
        (axes[0, 1], faded(image), 'AssociativeEmbedding: heatmaps for all, grouped by tags'),
        (axes[1, 0], faded(image), 'SPR: roots, and the ways from there'),
        (axes[1, 1], faded(image), 'DecoupledHeatmap: heatmaps of each person'),
    ):
        show(ax, background, title)
    for points, seen, color in zip(keypoints, visible, COLORS, strict=True):
        limbs = [points[[a, b]] for a, b in LIMBS if seen[a] and seen[b]]
        axes[0, 0].add_collection(LineCollection(limbs, colors='white', lw=3.2))
        axes[0, 0].add_collection(LineCollection(limbs, colors=color, lw=1.8))
    associative_embedding(axes[0, 1], keypoints, visible)
    spr(axes[1, 0], keypoints, visible)
    decoupled(axes[1, 1], keypoints, visible)
    for ax in axes.flat:
        ax.set(xlim=(-0.5, 511.5), ylim=(383.5, -0.5))
    return figure


def tint(axes: Axes, values: np.ndarray, color: str, scale: Sequence[float]) -> None:
    """A heatmap (H, W) with values from 0 to 1 as a veil of one colour."""
    (sx, sy), (H, W) = scale, values.shape
    veil = np.empty((H, W, 4))
    veil[..., :3], veil[..., 3] = to_rgb(color), np.clip(values, 0, 1) * 0.9
    extent = (-0.5 * sx, (W - 0.5) * sx, (H - 0.5) * sy, -0.5 * sy)
    axes.imshow(veil, extent=extent)


def nearest(keypoints: np.ndarray, points: np.ndarray) -> int:
    """Which of the people (N, K, 2) is nearest to points (K, 2), or to one for all."""
    return int(np.linalg.norm(keypoints - points, axis=-1).mean(axis=1).argmin())


def associative_embedding(axes: Axes, keypoints: np.ndarray, visible: np.ndarray) -> None:
    """Heatmaps of all people, and the groups that the codec makes of their peaks.

    The tags are those of a network that gives person ``n`` about ``2 * n + 1``.
    """
    codec = AssociativeEmbedding(**PICTURE, sigma=2, decode_keypoint_order=range(17))
    targets = codec.encode(keypoints, visible)
    heatmaps, (index, counts) = targets['heatmaps'], np.moveaxis(targets['keypoint_indices'], -1, 0)
    tags = np.full(heatmaps.shape, 9, np.float32)
    noise = np.random.default_rng(0).normal(0, 0.1, index.shape)
    for n, k in np.argwhere(counts):
        tags[k].flat[index[n, k]] = 2 * n + 1 + noise[n, k]
    tint(axes, heatmaps.max(axis=0), '#444444', codec.scale_factor)
    for points in codec.decode((heatmaps, tags))[0]:
        n = nearest(keypoints, points)
        found = visible[n] > 0
        axes.plot(*points[found].T, 'o', ms=6, mfc='none', mew=1.6, mec=COLORS[n])
        x, y = points[found].mean(axis=0)[0], points[found, 1].min() - 14
        axes.text(x, y, f'tags near {2 * n + 1}', color=COLORS[n], ha='center', va='bottom')


def spr(axes: Axes, keypoints: np.ndarray, visible: np.ndarray) -> None:
    """Heatmap of the roots, and what is decoded from it: the ways from there to the keypoints."""
    codec = SPR(**PICTURE, sigma=(4, 2), generate_keypoint_heatmaps=True)
    targets = codec.encode(keypoints, visible)
    heatmaps = targets['heatmaps']
    tint(axes, heatmaps[-1], '#444444', codec.scale_factor)
    for points in codec.decode(heatmaps, targets['displacements'])[0]:
        n = nearest(keypoints, points)
        found = visible[n] > 0
        root = keypoints[n, found].mean(axis=0)
        for point in points[found]:
            axes.annotate('', point, root, arrowprops=dict(ARROW, color=COLORS[n]))


def decoupled(axes: Axes, keypoints: np.ndarray, visible: np.ndarray) -> None:
    """The heatmaps of each person, and the cells whose features tell them apart."""
    np.random.seed(0)
    codec = DecoupledHeatmap(**PICTURE)
    targets = codec.encode(keypoints, visible)
    maps, coords = targets['instance_heatmaps'], targets['instance_coords'] * codec.scale_factor
    for instance, place in zip(maps.reshape(-1, 17, *maps.shape[1:]), coords, strict=True):
        n = nearest(keypoints, place)
        tint(axes, instance.max(axis=0), COLORS[n], codec.scale_factor)
    axes.plot(*coords.T, 'k*', ms=10, mec='white')


def main() -> None:
    """Make all of them."""
    IMAGES.mkdir(exist_ok=True)
    save('codecs_heatmaps.png', heatmaps())
    save('codecs_offsets.png', offsets())
    save('codecs_simcc.png', simcc())
    save('codecs_people.png', bottomup(), colors=256)


if __name__ == '__main__':
    main()
