"""Pictures of several people with the labels that are true of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .appearance import sample_appearance
from .backgrounds import finish, sample_background
from .canvas import Canvas
from .labels import paint_people
from .person import Person
from .poses import sample_pose
from .skeleton import pose_body, sample_body
from .writing import write_coco

MAX_COVERED = 0.55  # how much of a person's box another's may cover
MIN_INSIDE = 0.45  # how much of a person's box must be in the picture
PLACING_TRIES = 12


class SyntheticPeople:
    """Pictures of drawn people in COCO layout, made from a seed.

    The people have varied bodies, poses, clothes and views; they overlap and reach out of the
    picture; the background is cluttered. Picture ``index`` depends on the constructor's
    arguments and on ``index`` alone, so pictures can be made in any order and number.

    Labels: 17 keypoints as in COCO; v = 2 where the joint is in sight, 1 where it is in the
    picture but behind another person or the own body, 0 (with x = y = 0) outside the picture.
    A person's left is at the picture's right when they face the viewer.

    Args:
        image_size: (w, h) in pixels.
        people: Fewest and most people in a picture.
        height: Least and greatest stature in pixels, of the person standing upright.
        seed: Other seeds, other pictures.

    Raises:
        ValueError: A range is empty or a size is not positive.

    Example:
        >>> image, annotations = SyntheticPeople(image_size=(320, 240)).draw(0)
        >>> image.shape, len(annotations[0]['keypoints'])
        ((240, 320, 3), 51)
    """

    def __init__(
        self,
        image_size: tuple[int, int] = (640, 480),
        people: tuple[int, int] = (1, 5),
        height: tuple[float, float] = (60, 400),
        seed: int = 0,
    ):
        if min(image_size) < 16:
            raise ValueError(f'image_size is {image_size}; expected (w, h) of 16 pixels or more.')
        for name, (low, high), least in (('people', people, 1), ('height', height, 8)):
            if not least <= low <= high:
                raise ValueError(
                    f'{name} is {(low, high)}; expected (lowest, highest) of {least} or more.'
                )
        self.image_size = tuple(image_size)
        self.people = tuple(people)
        self.height = tuple(height)
        self.seed = seed

    def draw(self, index: int) -> tuple[np.ndarray, list[dict]]:
        """Picture ``index``, (H, W, 3) BGR uint8, and its annotations in COCO layout.

        The annotations carry no ``id`` and ``image_id``; :meth:`write_coco` adds them.
        """
        rng = np.random.default_rng([self.seed, index])
        canvas = Canvas(sample_background(rng, self.image_size))
        annotations = paint_people(canvas, self._place_people(rng))
        return finish(rng, canvas.image), annotations

    def write_coco(
        self,
        out_dir: str | Path,
        num_images: int,
        ann_file: str = 'annotations.json',
        img_dir: str = 'images',
        first_index: int = 0,
        workers: int = 0,
        progress: bool = False,
    ) -> Path:
        """Write pictures and their COCO file; see :func:`.writing.write_coco`."""
        return write_coco(
            self, out_dir, num_images, ann_file, img_dir, first_index, workers, progress
        )

    def _place_people(self, rng: np.random.Generator) -> list[Person]:
        """The people of one picture from the farthest to the nearest."""
        size = np.array(self.image_size)
        light = int(rng.choice([-1, 1]))
        count = rng.integers(self.people[0], self.people[1] + 1)
        # even in the logarithm, so that there are as many of 60-120 pixels as of 120-240
        scales = np.sort(np.exp(rng.uniform(*np.log(self.height), count)))
        placed: list[Person] = []
        boxes: list[np.ndarray] = []
        for scale in scales:
            figure = pose_body(sample_body(rng), sample_pose(rng))
            looks = sample_appearance(rng, light)
            points = np.stack(list(figure.points.values()))[:, :2] * (scale, -scale)
            around = np.concatenate([points.min(axis=0), points.max(axis=0)])
            around += scale * np.array([-0.06, -0.08, 0.06, 0.05])
            origin = _find_room(rng, around, size, boxes)
            if origin is not None:
                boxes.append(around + np.tile(origin, 2))
                placed.append(Person(figure, looks, scale, origin, len(placed)))
        return placed


def _find_room(
    rng: np.random.Generator, around: np.ndarray, size: np.ndarray, boxes: list[np.ndarray]
) -> np.ndarray | None:
    """Where to put a pelvis without hiding too much of the others; ``None``: nowhere.

    The first person is put into the picture in any case.

    Args:
        rng: Source of randomness.
        around: Box (4,) xyxy of the person around the pelvis.
        size: (w, h) of the picture.
        boxes: (4,) xyxy of the people in the picture.
    """
    for _ in range(PLACING_TRIES):
        origin = _sample_origin(rng, around, size)
        box = around + np.tile(origin, 2)
        covered = max((_covered(other, box) for other in boxes), default=0.0)
        if covered <= MAX_COVERED and _covered(box, np.array([0, 0, *size])) >= MIN_INSIDE:
            return origin
    return None if boxes else origin


def _sample_origin(rng: np.random.Generator, around: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Where to put a pelvis so that the box around it falls into the picture, at least partly."""
    low, high = -around[:2], size - around[2:]
    if rng.random() < 0.35:  # cut off by the border
        margin = 0.55 * (around[2:] - around[:2])
        low, high = low - margin, high + margin
    return rng.uniform(np.minimum(low, high), np.maximum(low, high))


def _area(box: np.ndarray) -> float:
    return float(np.prod(np.maximum(box[2:] - box[:2], 0)))


def _covered(box: np.ndarray, other: np.ndarray) -> float:
    """The part of a box that another covers, 0 to 1."""
    both = np.concatenate([np.maximum(box[:2], other[:2]), np.minimum(box[2:], other[2:])])
    return _area(both) / _area(box)
