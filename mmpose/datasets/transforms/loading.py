"""Reading pictures and frames."""

from __future__ import annotations

from pathlib import Path

import mmcv
import numpy as np
from mmcv.image import io as mmcv_io
from mmcv.transforms import LoadImageFromFile

from mmpose.codecs.utils.checks import check_choice
from mmpose.registry import TRANSFORMS

_BACKEND_PACKAGES = dict(turbojpeg='PyTurboJPEG', tifffile='tifffile')


class UnreadableImageError(ValueError):
    """An image could not be read or decoded."""


class MissingImageError(FileNotFoundError, UnreadableImageError):
    """There is no file where an image should be."""


@TRANSFORMS.register_module()
class LoadImage(LoadImageFromFile):
    """Puts the decoded picture into the sample, unless the sample brings one.

    Needs ``img_path``, or ``img`` with a picture (H, W, 3) BGR that is already decoded. Either may
    be a list, the frames of a sequence, which all have one size; then ``img`` comes out as a list.
    Adds ``img``, ``img_shape`` and ``ori_shape``, both (h, w), and ``img_path``, which is ``None``
    for a picture without one.

    Args:
        to_float32: Whether to convert the picture to float32.
        color_type: How to decode: 'color', 'grayscale', 'unchanged', ...; see
            :func:`mmcv.imfrombytes`.
        imdecode_backend: 'cv2', 'pillow', 'turbojpeg' for JPEG files, or 'tifffile', which gives
            the channels as the file has them and knows no ``color_type``. The last two need a
            package of their own.
        file_client_args: Deprecated, use ``backend_args``.
        ignore_empty: Whether a picture that cannot be read gives ``None``, which tells the data
            set to take another one, instead of an error.
        backend_args: The file backend of :mod:`mmengine.fileio`; ``None`` infers it from the path.

    Raises:
        ValueError: The backend is unknown; later, frames have different sizes.
        ImportError: The backend is not installed.
        UnreadableImageError: A file could not be read or decoded, a ValueError.
        MissingImageError: There is no file at ``img_path``, a FileNotFoundError besides.
        TypeError: ``img`` is not an array.
        KeyError: The sample has neither ``img`` nor ``img_path``.
    """

    def __init__(
        self,
        to_float32: bool = False,
        color_type: str = 'color',
        imdecode_backend: str = 'cv2',
        file_client_args: dict | None = None,
        ignore_empty: bool = False,
        *,
        backend_args: dict | None = None,
    ) -> None:
        check_choice('imdecode_backend', imdecode_backend, mmcv_io.supported_backends)
        super().__init__(
            to_float32,
            color_type,
            imdecode_backend,
            file_client_args,
            ignore_empty,
            backend_args=backend_args,
        )
        _set_up(imdecode_backend)

    def transform(self, results: dict) -> dict | None:
        """The sample with its picture, or ``None`` if there is none and ``ignore_empty``."""
        if 'img' in results:
            return self._with_pictures(results, results['img'])
        if 'img_path' not in results:
            raise KeyError(
                f"The sample has neither 'img' nor 'img_path', only {sorted(results)}; give one."
            )
        path = results['img_path']
        several = isinstance(path, (list, tuple))
        frames = [self._read(p, results) for p in (path if several else [path])]
        if any(frame is None for frame in frames):
            return None
        return self._with_pictures(results, frames if several else frames[0])

    def _with_pictures(self, results: dict, img: np.ndarray | list[np.ndarray]) -> dict:
        """The sample with a picture, or the frames of a sequence, and its size."""
        frames = list(img) if isinstance(img, (list, tuple)) else [img]
        for frame in frames:
            if not isinstance(frame, np.ndarray):
                raise TypeError(
                    f"'img' is a {type(frame).__name__}; expected an array (H, W, 3) in BGR, or a "
                    "list of them. To read a file, give its path as 'img_path'."
                )
            if frame.ndim not in (2, 3):
                raise ValueError(
                    f"'img' has shape {frame.shape}; expected (H, W, 3), or a list of such frames."
                )
        sizes = {frame.shape[:2] for frame in frames}
        if len(sizes) != 1:
            raise ValueError(
                f'The frames have the sizes {sorted(sizes)}, (h, w); expected one size for all '
                'frames of a sequence, and at least one frame.'
            )
        if self.to_float32:
            frames = [frame.astype(np.float32, copy=False) for frame in frames]
        results['img'] = frames if isinstance(img, (list, tuple)) else frames[0]
        results.setdefault('img_path', None)
        results['img_shape'] = results['ori_shape'] = sizes.pop()
        return results

    def _read(self, path: str | Path, results: dict) -> np.ndarray | None:
        """The decoded file, or ``None`` if there is none and ``ignore_empty``."""
        _set_up(self.imdecode_backend)  # again, for a worker that is not a fork of the constructor
        try:
            loaded = super().transform(dict(img_path=path))
        except Exception as error:
            if self.ignore_empty:
                return None
            raise self._explained(error, path, results) from error
        return None if loaded is None else loaded['img']

    def _explained(self, error: Exception, path: str | Path, results: dict) -> UnreadableImageError:
        """An error that says which picture it was and what to check."""
        image = repr(str(path))
        if 'img_id' in results:
            image += f' (img_id {results["img_id"]})'
        if isinstance(error, FileNotFoundError):
            return MissingImageError(
                f'The image {image} does not exist. Check `data_root` and `data_prefix` of the '
                'data set, and that its pictures are complete.'
            )
        reason = ' '.join(str(error).split())
        return UnreadableImageError(
            f'The image {image} could not be read ({type(error).__name__}: {reason}). Check that '
            'the file is a whole picture that you may read, in a format that the backend '
            f'{self.imdecode_backend!r} decodes.'
        )


def _set_up(backend: str) -> None:
    """Prepares a decoder that needs more than an import, once in a process."""
    if backend not in _BACKEND_PACKAGES or (backend == 'turbojpeg' and mmcv_io.jpeg is not None):
        return
    default = mmcv_io.imread_backend
    try:
        mmcv.use_backend(backend)
    except ImportError as error:
        package = _BACKEND_PACKAGES[backend]
        raise ImportError(
            f'imdecode_backend {backend!r} needs the package {package}; run `pip install '
            f"{package}`, or use 'cv2'."
        ) from error
    finally:
        mmcv.use_backend(default)
