"""Annotated and predicted poses side by side, as an analysis needs them, and the file of them."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np

from ..functional import KeypointDetections, KeypointGroundTruth

_FORMAT, _VERSION = 'mmpose pose records', 1
_ARRAYS = ('flip_indices', 'sigmas', 'image_ids', 'image_paths', 'crowd_index', 'keypoint_scores')
_INSTANCES = dict(gts=KeypointGroundTruth, dts=KeypointDetections)


@dataclass(eq=False)
class PoseRecords:
    """The G annotated and D predicted poses of I images with K keypoints.

    Attributes:
        dataset_name: Name of the data set.
        keypoint_names: K names.
        flip_indices: (K,) the mirrored keypoint of each, itself if it has none; empty or ``None``
            means that none has.
        sigmas: (K,) spread of each keypoint's annotation; 0 for keypoints that are not to be
            judged; empty or ``None`` where the data set has none.
        skeleton_links: Pairs (i, j) of keypoints.
        image_ids: (I,) integers or text, each once.
        image_paths: I paths, '' where unknown.
        crowd_index: (I,) 0 to 1, NaN where unknown.
        gts: The annotations; an area of 0 where it is unknown.
        dts: The predictions, finite.
        keypoint_scores: (D, K) finite.
        pairs: (D,) the annotation that each prediction belongs to by construction, as for metrics
            that compare keypoint by keypoint; ``None`` where they have to be matched.

    Raises:
        TypeError: Image ids are neither integers nor text.
        ValueError: Lengths disagree, ids or indices point nowhere, or predictions are not finite.
    """

    dataset_name: str
    keypoint_names: list[str]
    flip_indices: np.ndarray
    sigmas: np.ndarray
    skeleton_links: list[tuple[int, int]]
    image_ids: np.ndarray
    image_paths: list[str]
    crowd_index: np.ndarray
    gts: KeypointGroundTruth
    dts: KeypointDetections
    keypoint_scores: np.ndarray
    pairs: np.ndarray | None = None

    def __post_init__(self) -> None:
        K = len(self.keypoint_names)
        self.keypoint_names = [str(name) for name in self.keypoint_names]
        self.skeleton_links = [(int(i), int(j)) for i, j in self.skeleton_links]
        self.image_paths = [str(path) for path in self.image_paths]
        self.sigmas = np.array([] if self.sigmas is None else self.sigmas, float)
        flips = self.flip_indices
        flips = np.arange(K) if flips is None or len(flips) == 0 else flips
        self.flip_indices = np.array(flips, int)
        self.image_ids = np.asarray(self.image_ids)
        self.crowd_index = np.asarray(self.crowd_index, float)
        if self.pairs is not None:
            self.pairs = np.asarray(self.pairs, int)
        # without an entry, the number of keypoints need not have been known
        if len(self.gts.image_ids) == 0:
            self.gts = replace(self.gts, keypoints=np.zeros((0, K, 3)))
        if len(self.dts.image_ids) == 0:
            self.dts = replace(self.dts, keypoints=np.zeros((0, K, 2)))
            self.keypoint_scores = np.zeros((0, K))
        self._check_shapes()
        self._check_references()
        self._check_finite()

    @property
    def sigmas_assumed(self) -> bool:
        """Whether the data set has no sigmas, so that an analysis has to assume some."""
        return len(self.sigmas) == 0

    def save(self, path: str | Path) -> None:
        """Write everything to one ``.npz`` file, and the folders above it.

        Args:
            path: The file; it is replaced if it exists.
        """
        header = dict(
            format=_FORMAT,
            version=_VERSION,
            dataset_name=self.dataset_name,
            keypoint_names=self.keypoint_names,
            skeleton_links=self.skeleton_links,
        )
        arrays = {name: np.asarray(getattr(self, name)) for name in _ARRAYS}
        arrays['image_paths'] = np.array(self.image_paths, str)
        for name in _INSTANCES:
            instances = getattr(self, name)
            for field in fields(instances):
                arrays[f'{name}.{field.name}'] = np.asarray(getattr(instances, field.name))
        if self.pairs is not None:
            arrays['pairs'] = self.pairs
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open('wb') as file:
            np.savez_compressed(file, header=np.array(json.dumps(header)), **arrays)

    @classmethod
    def load(cls, path: str | Path) -> PoseRecords:
        """Read what :meth:`save` wrote; nothing in the file is executed.

        Args:
            path: The file.

        Raises:
            FileNotFoundError: There is no such file.
            ValueError: It is another kind of file, of another version, or damaged.
        """
        header, arrays = _read(Path(path))
        try:
            instances = {
                name: kind(**{field.name: arrays[f'{name}.{field.name}'] for field in fields(kind)})
                for name, kind in _INSTANCES.items()
            }
            return cls(
                dataset_name=header['dataset_name'],
                keypoint_names=header['keypoint_names'],
                skeleton_links=header['skeleton_links'],
                pairs=arrays.get('pairs'),
                **{name: arrays[name] for name in _ARRAYS},
                **instances,
            )
        except KeyError as error:
            raise ValueError(
                f'{path} lacks {error.args[0]!r} and is damaged; write it again.'
            ) from error

    def _check_shapes(self) -> None:
        G, D = len(self.gts.image_ids), len(self.dts.image_ids)
        K, num_images = len(self.keypoint_names), len(self.image_ids)
        expected = {
            'flip_indices': (self.flip_indices, (K,)),
            'sigmas': (self.sigmas, (0,) if self.sigmas_assumed else (K,)),
            'image_ids': (self.image_ids, (num_images,)),
            'image_paths': (self.image_paths, (num_images,)),
            'crowd_index': (self.crowd_index, (num_images,)),
            'keypoint_scores': (self.keypoint_scores, (D, K)),
            'gts.category_ids': (self.gts.category_ids, (G,)),
            'gts.keypoints': (self.gts.keypoints, (G, K, 3)),
            'gts.bboxes': (self.gts.bboxes, (G, 4)),
            'gts.areas': (self.gts.areas, (G,)),
            'gts.ignore': (self.gts.ignore, (G,)),
            'gts.crowd': (self.gts.crowd, (G,)),
            'dts.category_ids': (self.dts.category_ids, (D,)),
            'dts.keypoints': (self.dts.keypoints, (D, K, 2)),
            'dts.scores': (self.dts.scores, (D,)),
            'dts.areas': (self.dts.areas, (D,)),
        }
        if self.pairs is not None:
            expected['pairs'] = (self.pairs, (D,))
        for name, (values, shape) in expected.items():
            if np.shape(values) != shape:
                raise ValueError(
                    f'{name} has the shape {np.shape(values)}; expected {shape} for '
                    f'{num_images} images, {G} annotations, {D} predictions and {K} keypoints.'
                )

    def _check_references(self) -> None:
        K, G = len(self.keypoint_names), len(self.gts.image_ids)
        if K == 0:
            raise ValueError('keypoint_names is empty; expected the names of the K keypoints.')
        if len(self.image_ids) and self.image_ids.dtype.kind not in 'iuU':
            raise TypeError(
                f'image_ids are of the type {self.image_ids.dtype}; expected integers or text.'
            )
        if len(np.unique(self.image_ids)) < len(self.image_ids):
            raise ValueError('image_ids name an image twice; expected each once.')
        for name, instances in (('gts', self.gts), ('dts', self.dts)):
            unknown = ~np.isin(instances.image_ids, self.image_ids)
            if unknown.any():
                raise ValueError(
                    f'{unknown.sum()} of {len(unknown)} {name} are of images that image_ids lacks, '
                    f'the first of {instances.image_ids[unknown][0].item()!r}; add them or leave '
                    'those instances out.'
                )
        indices = {
            'flip_indices': (self.flip_indices, K),
            'skeleton_links': (self.skeleton_links, K),
        }
        if self.pairs is not None:
            indices['pairs'] = (self.pairs, G)
        for name, (values, limit) in indices.items():
            values = np.ravel(np.asarray(values, int))
            outside = (values < 0) | (values >= limit)
            if outside.any():
                raise ValueError(
                    f'{name} has the index {values[outside][0]}; expected 0 to {limit - 1}.'
                )
        if self.pairs is not None:
            apart = self.gts.image_ids[self.pairs] != self.dts.image_ids
            if apart.any():
                raise ValueError(
                    f'{apart.sum()} of {len(apart)} pairs join a prediction with an annotation of '
                    'another image; expected both of one image.'
                )

    def _check_finite(self) -> None:
        values = {
            'gts.bboxes': (self.gts.bboxes, self.gts),
            'gts.areas': (self.gts.areas, self.gts),
            'dts.keypoints': (self.dts.keypoints, self.dts),
            'dts.scores': (self.dts.scores, self.dts),
            'dts.areas': (self.dts.areas, self.dts),
            'keypoint_scores': (self.keypoint_scores, self.dts),
        }
        for name, (array, instances) in values.items():
            broken = ~np.isfinite(array).all(tuple(range(1, np.ndim(array))))
            if broken.any():
                raise ValueError(
                    f'{name} has values that are not finite for {broken.sum()} of {len(broken)} '
                    f'instances, the first of image {instances.image_ids[broken][0].item()!r}; '
                    'look for NaN in the annotations or in what the model returns.'
                )
        sigmas = self.sigmas
        if len(sigmas) and not (np.isfinite(sigmas).all() and sigmas.min() >= 0 < sigmas.max()):
            raise ValueError(
                f'sigmas are {sigmas.tolist()}; expected numbers above 0, or 0 for keypoints that '
                'are not to be judged but not for all.'
            )


def _read(path: Path) -> tuple[dict, Mapping[str, np.ndarray]]:
    """The header and the arrays of a file."""
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        header = json.loads(arrays['header'].item())
        found = header['format'], header['version']
    except (AttributeError, EOFError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
        raise ValueError(
            f'{path} is no file of pose records; expected one that `PoseRecords.save` wrote.'
        ) from error
    if found != (_FORMAT, _VERSION):
        raise ValueError(
            f'{path} is of the format {found[0]!r}, version {found[1]!r}; this version of mmpose '
            f'reads {_FORMAT!r}, version {_VERSION}. Write it again by the version at hand.'
        )
    return header, arrays
