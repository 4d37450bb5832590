"""Reading Human3.6M: poses in CDF files, videos, and the cameras in metadata.xml."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from .conversion import load
from .errors import ConversionError, require
from .h36m_cameras import read_cameras
from .mocap_files import Recording, recording, save_cameras, save_recordings
from .pictures import save_frames
from .sources import find_files, track

OPTIONS = dict(
    metadata=dict(metavar='FILE', help='`metadata.xml` (default: that in SOURCE)'),
    extracted=dict(
        metavar='FOLDER', help='where to unpack archives (default: `extracted` beside SOURCE)'
    ),
    sample_rate=dict(
        type=int, metavar='N', help='every how many frames the smaller files and the pictures have'
    ),
    poses_only='write no pictures, which lifting 2D poses does not need',
)
FPS = 50
SUBJECTS = dict(train=('S1', 'S5', 'S6', 'S7', 'S8'), test=('S9', 'S11'))
# one of its videos is damaged, and published results leave out all four
LEFT_OUT = {('S11', 'Directions')}
# some subjects have the same action under another name
ACTIONS = dict(TakingPhoto='Photo', WalkingDog='WalkDog')
# the 17 keypoints of configs/_base_/datasets/h36m.py among the 32 of the files
KEYPOINTS = [0, 1, 2, 3, 6, 7, 8, 12, 13, 14, 15, 17, 18, 19, 25, 26, 27]
NUM_RAW_KEYPOINTS = 32
CAMERA_FILE = 'annotation_body3d/cameras.pkl'
LARGEST_DISAGREEMENT = 0.05  # metres


class Take(NamedTuple):
    """What one camera has of one action.

    Attributes:
        subject: Such as 'S1'.
        action: With the number of the take, such as 'Directions 1', as the files have it.
        camera: Number of the camera.
        folder: That of the subject.
    """

    subject: str
    action: str
    camera: str
    folder: Path

    @property
    def name(self) -> str:
        """Such as 'S1_Directions_1.54138969', the same for all subjects."""
        word, *number = self.action.split()
        return f'{"_".join([self.subject, ACTIONS.get(word, word), *number])}.{self.camera}'

    def image_name(self, frame: int) -> str:
        """The path of the picture of a frame, from 0; names count from 1."""
        return f'{self.subject}/{self.name}/{self.name}_{frame + 1:06d}.jpg'


def write(
    source: Path,
    out: Path,
    metadata: str | None = None,
    extracted: str | None = None,
    sample_rate: int = 5,
    poses_only: bool = False,
) -> str:
    """Write poses and cameras, and the pictures of every fifth frame.

    Poses stand in the space of their camera, in metres. Pictures that are there already are not
    written again.

    Args:
        source: The folder with ``S1``, ``S5`` and so on, or with their archives (.tgz).
        out: Gets ``annotation_body3d`` and ``images``.
        metadata: The file of the cameras; ``None``: ``metadata.xml`` in ``source``.
        extracted: Where archives are unpacked; ``None``: ``extracted`` beside ``source``.
        sample_rate: Distance of the frames that have pictures; the files ``fps10`` have these.
        poses_only: Whether to write no pictures.

    Raises:
        FileNotFoundError: Something is not there.
        MissingPackageError: cdflib is not installed.
        ConversionError: A file is malformed, or the cameras do not fit the poses.
    """
    if sample_rate < 1 or FPS % sample_rate:
        raise ConversionError(f'sample_rate is {sample_rate}; expected a divisor of {FPS}.')
    require('cdflib', 'cdflib', 'reading .cdf files')
    folder = _unpacked(source, Path(extracted) if extracted else source.parent / 'extracted')
    xml = Path(metadata) if metadata else find_files(source, 'metadata.xml', 'Human3.6M')[0]
    cameras = read_cameras(xml)
    save_cameras(out / CAMERA_FILE, cameras)
    lines, places = [f'{out / CAMERA_FILE}: {len(cameras)} cameras'], {}
    for part, subjects in SUBJECTS.items():
        takes = [take for subject in subjects for take in _takes(folder / subject)]
        recordings = []
        for take in track(takes):
            recordings.append(_read(take))
            _check_place(take, recordings[-1], cameras, places)
            if not poses_only:
                lines += _save_pictures(take, out, len(recordings[-1].part), sample_rate)
        if recordings:
            lines += _save_labels(out, part, recordings, sample_rate)
    if not places:
        raise FileNotFoundError(
            f'{str(folder)!r} has no poses of {", ".join(sum(SUBJECTS.values(), ()))}; looked for '
            'S1/MyPoseFeatures/D3_Positions_mono/*.cdf and so on.'
        )
    return '\n'.join(lines)


def _unpacked(source: Path, extracted: Path) -> Path:
    """The folder of the subjects; archives are unpacked once."""
    archives = sorted(source.glob('**/*.tgz'))
    for path in track(archives):
        done = extracted / f'.{"_".join(path.relative_to(source).parts)}.done'
        if done.exists():
            continue
        if not hasattr(tarfile, 'data_filter'):
            raise ConversionError(
                'This version of Python cannot unpack archives safely; update it, or unpack the '
                '.tgz files yourself and give their folder.'
            )
        extracted.mkdir(parents=True, exist_ok=True)
        try:
            with tarfile.open(path, 'r:gz') as archive:
                archive.extractall(extracted, filter='data')
        except (tarfile.TarError, EOFError, OSError) as error:
            raise ConversionError(
                f'{str(path)!r} cannot be unpacked: {error}. Fetch it again.'
            ) from error
        done.touch()
    return extracted if archives else source


def _takes(folder: Path) -> Iterator[Take]:
    """What there is of a subject."""
    for path in sorted((folder / 'MyPoseFeatures/D3_Positions_mono').glob('*.cdf')):
        action, _, camera = path.stem.rpartition('.')
        if not action:
            raise ConversionError(
                f'{str(path)!r} is not named after action and camera, such as '
                "'Directions 1.54138969.cdf'."
            )
        if (folder.name, action) not in LEFT_OUT:
            yield Take(folder.name, action, camera, folder)


def _read(take: Take) -> Recording:
    name = f'{take.action}.{take.camera}.cdf'
    features = take.folder / 'MyPoseFeatures'
    points = read_poses(features / 'D2_Positions' / name, 2)
    poses = read_poses(features / 'D3_Positions_mono' / name, 3)
    if len(points) != len(poses):
        raise ConversionError(
            f'{str(features)!r} has {len(points)} 2D poses and {len(poses)} 3D poses of {name}; '
            'fetch the archives again.'
        )
    return recording(map(take.image_name, range(len(points))), points, poses)


def read_poses(path: Path, num_axes: int) -> np.ndarray:
    """(T, 17, D) poses of a CDF file.

    Args:
        path: The file.
        num_axes: D.

    Raises:
        FileNotFoundError: There is no such file.
        ConversionError: It is malformed.
    """
    values = np.asarray(read_cdf(path))
    size = NUM_RAW_KEYPOINTS * num_axes
    if values.ndim != 3 or values.shape[0] != 1 or values.shape[2] != size or not values.size:
        raise ConversionError(
            f'{str(path)!r} has a Pose of the shape {values.shape}; expected (1, T, {size}), T > 0.'
        )
    return values.reshape(-1, NUM_RAW_KEYPOINTS, num_axes)[:, KEYPOINTS]


def read_cdf(path: Path) -> np.ndarray:
    """The variable Pose of a CDF file.

    Raises:
        FileNotFoundError: There is no such file.
        MissingPackageError: cdflib is not installed.
        ConversionError: It is damaged.
    """
    cdflib = require('cdflib', 'cdflib', 'reading .cdf files')
    if not path.is_file():
        raise FileNotFoundError(
            f'There is no file {str(path)!r}; fetch Poses_D2_Positions and '
            'Poses_D3_Positions_mono of each subject.'
        )
    try:
        return cdflib.CDF(str(path)).varget('Pose')
    except Exception as error:  # what cdflib raises for a damaged file is of many kinds
        raise ConversionError(f'{str(path)!r} cannot be read: {error}. Fetch it again.') from error


def _check_place(
    take: Take,
    poses: Recording,
    cameras: dict[tuple[str, str], dict],
    places: dict[tuple[str, str], np.ndarray],
) -> None:
    """Raise if cameras see the first pose of an action at different places of the world."""
    camera = cameras.get((take.subject, take.camera))
    if camera is None:
        raise ConversionError(f'metadata.xml has no camera {take.camera} of {take.subject}.')
    root = camera['R'] @ poses.S[0, 0, :3] + camera['T'][:, 0]
    place = places.setdefault((take.subject, take.action), root)
    distance = float(np.linalg.norm(place - root))
    if distance > LARGEST_DISAGREEMENT:
        raise ConversionError(
            f'The cameras of metadata.xml see {take.name} {distance:.2f} m apart; it is not the '
            'file that belongs to these poses.'
        )


def _save_labels(out: Path, part: str, recordings: list[Recording], sample_rate: int) -> list[str]:
    """Write the labels of all frames and of some, and load them; returns what to tell of them."""
    lines = []
    for step in sorted({1, sample_rate}):
        name = f'annotation_body3d/fps{FPS // step}/h36m_{part}.npz'
        num_frames = save_recordings(out / name, recordings, step)
        load(out, 'Human36mDataset', name, 'images', camera_param_file=CAMERA_FILE)
        lines.append(f'{out / name}: {num_frames} frames of {len(recordings)} videos')
    return lines


def _save_pictures(take: Take, out: Path, num_frames: int, step: int) -> list[str]:
    """Write the pictures of a video; returns what to tell of it, if anything."""
    frames = {out / 'images' / take.image_name(i): i for i in range(0, num_frames, step)}
    missing = save_frames(take.folder / 'Videos' / f'{take.action}.{take.camera}.mp4', frames)
    return [f'{take.name}: its video lacks {len(missing)} labelled frames'] if missing else []
