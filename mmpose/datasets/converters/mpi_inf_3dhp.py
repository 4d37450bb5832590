"""Reading MPI-INF-3DHP: poses in MATLAB files, videos of 8 cameras, pictures of the test set."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np

from .conversion import load
from .errors import ConversionError
from .matlab import open_hdf5, read_mat
from .mocap_files import Recording, pinhole, recording, save_cameras, save_recordings
from .pictures import save_frames
from .sources import find_files, track
from .text_rows import numbers_of, read_lines

OPTIONS = dict(
    sample_rate=dict(type=int, metavar='N', help='take every so many frames of the training set'),
    poses_only='write no pictures, which lifting 2D poses does not need',
)
# the cameras at the height of the chest, whose poses are used
CAMERAS = (0, 1, 2, 4, 5, 6, 7, 8)
# the 17 keypoints of configs/_base_/datasets/mpi_inf_3dhp.py among the 28 of the training set
KEYPOINTS = [7, 5, 14, 15, 16, 9, 10, 11, 23, 24, 25, 18, 19, 20, 4, 3, 6]
NUM_RAW_KEYPOINTS = 28
TRAIN_SIZE_WH = (2048, 2048)
# those of the test set; what is not listed has the same size as the training set
TEST_SIZES_WH = dict(TS5=(1920, 1080), TS6=(1920, 1080))
METAINFO = dict(from_file='configs/_base_/datasets/mpi_inf_3dhp.py')


def write(source: Path, out: Path, sample_rate: int = 1, poses_only: bool = False) -> str:
    """Write poses, cameras and pictures of the training set, the test set or both.

    Poses stand in the space of their camera, in metres. Keypoints outside of the picture count as
    not visible. Pictures that are there already are not written again.

    Args:
        source: The folder with ``S1/Seq1`` and so on, ``TS1`` and so on, or both, also deeper.
        out: Gets ``mpi_inf_3dhp_*.npz``, ``cameras_*.pkl`` and ``images``.
        sample_rate: Distance of the frames of the training set.
        poses_only: Whether to write no pictures.

    Raises:
        FileNotFoundError: Something is not there.
        MissingPackageError: h5py is not installed, which the test set needs.
        ConversionError: A file is malformed.
    """
    if sample_rate < 1:
        raise ConversionError(f'sample_rate is {sample_rate}; expected 1 or more.')
    train = sorted(source.glob('**/S[0-9]*/Seq[0-9]*/annot.mat'))
    test = sorted(source.glob('**/TS[0-9]*/annot_data.mat'))
    if not train + test:
        find_files(source, 'S1/Seq1/annot.mat', 'MPI-INF-3DHP')
    lines = []
    if train:
        lines += _write_train(train, out, sample_rate, poses_only)
    if test:
        lines += _write_test(test, out, poses_only)
    return '\n'.join(lines)


# ------------------------------------------------------------------ training set


def _write_train(paths: list[Path], out: Path, sample_rate: int, poses_only: bool) -> list[str]:
    recordings, cameras, lines = [], {}, []
    for path in track(paths):
        sequence = f'{path.parents[1].name}_{path.parent.name}'
        calibration = read_calibration(path.parent / 'camera.calibration')
        points, poses = (_cells(path, name, axes) for name, axes in (('annot2', 2), ('annot3', 3)))
        for camera in CAMERAS:
            if camera not in calibration:
                raise ConversionError(
                    f'{str(path.parent)!r}: camera.calibration has no camera {camera}.'
                )
            if len(points[camera]) != len(poses[camera]):
                raise ConversionError(
                    f'{str(path)!r} has {len(points[camera])} frames in annot2 and '
                    f'{len(poses[camera])} in annot3 for camera {camera}; fetch it again.'
                )
            key = f'{sequence}_Cam{camera}'
            cameras[key] = calibration[camera]
            frames = range(0, len(points[camera]), sample_rate)
            names = [f'{key}_{frame + 1:06d}.jpg' for frame in frames]
            if not poses_only:
                video = path.parent / 'imageSequence' / f'video_{camera}.avi'
                pictures = [out / 'images' / name for name in names]
                if missing := save_frames(video, dict(zip(pictures, frames, strict=True))):
                    lines.append(f'{video}: it lacks {len(missing)} labelled frames')
            chosen, chosen_3d = points[camera][::sample_rate], poses[camera][::sample_rate]
            visible = _is_inside(chosen, TRAIN_SIZE_WH)
            recordings.append(recording(names, chosen, chosen_3d, visible))
    return [*lines, *_save(out, 'train', cameras, dict(train=recordings))]


def _cells(path: Path, name: str, num_axes: int) -> list[np.ndarray]:
    """(T, 17, D) for each of 14 cameras."""
    (cells,) = read_mat(path, name)
    try:
        flat = [np.atleast_2d(cell).astype(np.float64) for cell in cells]
        poses = [
            cell.reshape(len(cell), NUM_RAW_KEYPOINTS, num_axes)[:, KEYPOINTS] for cell in flat
        ]
        if len(poses) > max(CAMERAS):
            return poses
        raise ValueError(f'it has {len(poses)} cameras')
    except (ValueError, TypeError) as error:
        raise ConversionError(
            f'{str(path)!r}: {name} cannot be used: {error}; expected a cell for each of 14 '
            f'cameras, with {NUM_RAW_KEYPOINTS * num_axes} numbers for each frame.'
        ) from error


def read_calibration(path: Path) -> dict[int, dict]:
    """The parameters of the cameras of a sequence by their number.

    They are ``R`` (3, 3), from the space of the camera to the world, ``T`` (3, 1), its place in
    metres, and those of a pinhole camera.

    Raises:
        FileNotFoundError: There is no such file.
        ConversionError: It is malformed; the message has the line.
    """
    if not path.is_file():
        raise FileNotFoundError(f'There is no file {str(path)!r} with the cameras.')
    cameras: dict[int, dict] = {}
    rows: dict[str, np.ndarray] = {}
    for line, text in enumerate(read_lines(path), start=1):
        key, *words = text.split() or ['']
        if key in ('name', 'size', 'intrinsic', 'extrinsic'):
            rows[key] = numbers_of(words, f'{str(path)!r}, line {line}')
        if key == 'extrinsic':
            try:
                cameras[int(rows['name'][0])] = _camera(rows)
            except (KeyError, IndexError, ValueError) as error:
                raise ConversionError(
                    f'{str(path)!r}, line {line}: the camera that ends here cannot be used '
                    f'({error}); expected its name, size (2 numbers), intrinsic and extrinsic '
                    '(16 each).'
                ) from error
            rows = {}
    return cameras


def _camera(rows: dict[str, np.ndarray]) -> dict:
    intrinsic, extrinsic = (rows[key].reshape(4, 4) for key in ('intrinsic', 'extrinsic'))
    width, height = rows['size'].astype(int).tolist()
    name = f'train_cam_{int(rows["name"][0])}'
    # the file has the way from the world to the camera, in millimetres
    R = extrinsic[:3, :3].T
    T = -R @ extrinsic[:3, 3:] / 1000
    lengths, center = intrinsic[[0, 1], [0, 1]], intrinsic[:2, 2]
    return dict(R=R, T=T, **pinhole(lengths, center, width, height, name))


def _is_inside(points: np.ndarray, size_wh: tuple[int, int]) -> np.ndarray:
    """(T, K) whether points (T, K, 2) lie in the picture."""
    return ((points >= 0) & (points < size_wh)).all(axis=-1)


# ---------------------------------------------------------------------- test set


def _write_test(paths: list[Path], out: Path, poses_only: bool) -> list[str]:
    recordings: dict[str, list[Recording]] = dict(test_all=[], test_valid=[])
    cameras = {}
    for path in track(paths):
        subject = path.parent.name
        points, poses, valid = _test_arrays(path)
        names = [f'{subject}_{frame + 1:06d}.jpg' for frame in range(len(points))]
        if not poses_only:
            _copy_pictures(path.parent / 'imageSequence', out / 'images', names)
        size_wh = TEST_SIZES_WH.get(subject, TRAIN_SIZE_WH)
        number = re.sub(r'\D', '', subject)
        f, c = fit_pinhole(points[valid], poses[valid])
        cameras[subject] = pinhole(f, c, *size_wh, f'test_cam_{number}')
        whole = recording(names, points, poses, _is_inside(points, size_wh))
        recordings['test_all'].append(whole)
        recordings['test_valid'].append(Recording(*(array[valid] for array in whole)))
    return _save(out, 'test', cameras, recordings)


def _test_arrays(path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(T, 17, 2) pixels, (T, 17, 3) millimetres and (T,) whether valid."""
    with open_hdf5(path, 'annot2', 'annot3', 'valid_frame') as file:
        points, poses, valid = (file[name][()] for name in ('annot2', 'annot3', 'valid_frame'))
    T, K = valid.size, len(KEYPOINTS)
    if points.size != T * K * 2 or poses.size != T * K * 3:
        raise ConversionError(
            f'{str(path)!r} has {T} frames, annot2 of the shape {points.shape} and annot3 of '
            f'{poses.shape}; expected ({T}, 1, {K}, 2) and ({T}, 1, {K}, 3).'
        )
    if not valid.any():
        raise ConversionError(f'{str(path)!r} has no valid frame.')
    return points.reshape(T, K, 2), poses.reshape(T, K, 3), valid.ravel().astype(bool)


def fit_pinhole(points: np.ndarray, poses: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Focal lengths (2,) and principal point (2,) that project the poses on the points best.

    Args:
        points: (T, K, 2) pixels.
        poses: (T, K, 3) in the space of the camera.
    """
    found = []
    for axis in (0, 1):
        ratios = (poses[..., axis] / poses[..., 2]).ravel()
        system = np.column_stack([ratios, np.ones_like(ratios)])
        found.append(np.linalg.lstsq(system, points[..., axis].ravel(), rcond=None)[0])
    return tuple(np.transpose(found))


def _copy_pictures(folder: Path, target: Path, names: list[str]) -> None:
    """Copy ``img_000001.jpg`` as ``TS1_000001.jpg`` and so on, if they are not there."""
    target.mkdir(parents=True, exist_ok=True)
    for name in names:
        if not (target / name).exists():
            shutil.copyfile(folder / f'img_{name.partition("_")[2]}', target / name)


# ------------------------------------------------------------------------ saving


def _save(
    out: Path, part: str, cameras: dict[str, dict], recordings: dict[str, list[Recording]]
) -> list[str]:
    """Write cameras and labels, and load them again; returns what to tell about them."""
    camera_file = f'cameras_{part}.pkl'
    save_cameras(out / camera_file, cameras)
    lines = [f'{out / camera_file}: {len(cameras)} cameras']
    extra = dict(camera_param_file=camera_file, metainfo=METAINFO)
    for name, items in recordings.items():
        ann_file = f'mpi_inf_3dhp_{name}.npz'
        num_frames = save_recordings(out / ann_file, items)
        load(out, 'BaseMocapDataset', ann_file, 'images', **extra)
        lines.append(f'{out / ann_file}: {num_frames} frames of {len(items)} videos')
    return lines
