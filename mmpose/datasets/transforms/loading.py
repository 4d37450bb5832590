"""Reading pictures."""

from __future__ import annotations

import numpy as np
from mmcv.transforms import LoadImageFromFile

from mmpose.registry import TRANSFORMS


@TRANSFORMS.register_module()
class LoadImage(LoadImageFromFile):
    """Puts the decoded picture into the sample, unless the sample brings one.

    Needs ``img_path``, or ``img`` with a picture (H, W, 3) BGR that is already decoded. Adds
    ``img``, ``img_shape`` and ``ori_shape``, both (h, w), and ``img_path``, which is ``None`` for
    a picture without one.

    Args:
        to_float32: Whether to convert the picture to float32.
        color_type: How to decode: 'color', 'grayscale', 'unchanged', ...; see
            :func:`mmcv.imfrombytes`.
        imdecode_backend: 'cv2', 'pillow', 'turbojpeg' or 'tifffile'.
        file_client_args: Deprecated, use ``backend_args``.
        ignore_empty: Whether a picture that cannot be read gives ``None``, which tells the data
            set to take another one, instead of an error.
        backend_args: The file backend of :mod:`mmengine.fileio`; ``None`` infers it from the path.

    Raises:
        FileNotFoundError: There is no file at ``img_path``.
        ValueError: The file could not be read or decoded.
        TypeError: ``img`` is not an array.
        KeyError: The sample has neither ``img`` nor ``img_path``.
    """

    def transform(self, results: dict) -> dict | None:
        """The sample with its picture, or ``None`` if there is none and ``ignore_empty``."""
        if 'img' in results:
            return self._take_array(results)
        if 'img_path' not in results:
            raise KeyError(
                f"The sample has neither 'img' nor 'img_path', only {sorted(results)}; give one."
            )
        try:
            return super().transform(results)
        except Exception as error:
            if self.ignore_empty:
                return None
            raise self._explained(error, results) from error

    def _take_array(self, results: dict) -> dict:
        img = results['img']
        if not isinstance(img, np.ndarray):
            raise TypeError(
                f"'img' is a {type(img).__name__}; expected an array (H, W, 3) in BGR. "
                "To read a file, give its path as 'img_path'."
            )
        if self.to_float32:
            results['img'] = img.astype(np.float32)
        results.setdefault('img_path', None)
        results['img_shape'] = results['ori_shape'] = img.shape[:2]
        return results

    def _explained(self, error: Exception, results: dict) -> Exception:
        """An error that says which picture it was and what to check."""
        image = repr(str(results['img_path']))
        if 'img_id' in results:
            image += f' (img_id {results["img_id"]})'
        if isinstance(error, FileNotFoundError):
            return FileNotFoundError(
                f'The image {image} does not exist. Check `data_root` and `data_prefix` of the '
                'data set, and that its pictures are complete.'
            )
        reason = ' '.join(str(error).split())
        return ValueError(
            f'The image {image} could not be read ({type(error).__name__}: {reason}). Check that '
            'the file is a whole picture that you may read, in a format that the backend '
            f'{self.imdecode_backend!r} decodes.'
        )
