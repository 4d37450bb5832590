import struct
import zlib

import numpy as np
import pytest
from serve_models import encode

from mmpose.serve import Limits
from mmpose.serve.errors import RequestError
from mmpose.serve.pictures import decode_picture, parse_boxes

LIMITS = Limits()


def png_header(width, height):
    """A PNG file that says this of its size and has no pixels."""
    header = struct.pack('>IIBBBBB', width, height, 8, 2, 0, 0, 0)
    return b'\x89PNG\r\n\x1a\n' + _chunk(b'IHDR', header) + _chunk(b'IDAT', b'')


def _chunk(kind, data):
    checksum = struct.pack('>I', zlib.crc32(kind + data))
    return struct.pack('>I', len(data)) + kind + data + checksum


@pytest.mark.parametrize('suffix', ['.png', '.webp', '.jpg'])
def test_decodes_to_bgr(suffix):
    image = np.zeros((20, 30, 3), np.uint8)
    image[..., 0] = 200  # blue
    decoded = decode_picture(encode(image, suffix), LIMITS)
    assert decoded.shape == (20, 30, 3)
    assert np.abs(decoded.astype(int) - image).max() < 12


def test_turns_a_picture_as_its_exif_says():
    from io import BytesIO

    from PIL import Image

    file, exif = BytesIO(), Image.Exif()
    exif[0x0112] = 6  # to be turned right
    Image.new('RGB', (30, 20)).save(file, 'JPEG', exif=exif)
    assert decode_picture(file.getvalue(), LIMITS).shape == (30, 20, 3)


@pytest.mark.parametrize('size', [(8000, 8000), (20000, 10), (60000, 60000)])
def test_a_bomb_is_refused_by_its_header(size):
    with pytest.raises(RequestError, match=r'Make .* smaller') as error:
        decode_picture(png_header(*size), LIMITS)
    assert error.value.status == 413


@pytest.mark.parametrize(
    ('data', 'status', 'code'),
    [
        (b'', 400, 'no_picture'),
        (b'GIF89a' + bytes(50), 415, 'unknown_format'),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', 415, 'unknown_format'),
        (b'\xff\xd8\xff', 415, 'unknown_format'),
        (png_header(10, 10), 400, 'damaged'),
    ],
    ids=['empty', 'gif', 'svg', 'no header', 'no pixels'],
)
def test_refuses_what_is_no_picture(data, status, code):
    with pytest.raises(RequestError) as error:
        decode_picture(data, LIMITS)
    assert (error.value.status, error.value.code) == (status, code)


def test_boxes():
    assert parse_boxes(None, LIMITS) is None
    assert parse_boxes('[]', LIMITS) is None
    boxes = parse_boxes('[[1, 2, 3, 4.5]]', LIMITS)
    assert boxes.dtype == np.float32
    np.testing.assert_array_equal(boxes, [[1, 2, 3, 4.5]])


@pytest.mark.parametrize(
    'text',
    ['', '7', '{}', '[1, 2, 3, 4]', '[[1, 2, 3]]', '[[3, 2, 1, 4]]', '[[1, 2, NaN, 4]]', '[' * 9999,
     '[[1, 2, 3, 1e99]]', '[[1, 2], [3]]', '[["a", 1, 2, 3]]'],
)  # fmt: skip
def test_bad_boxes(text):
    with pytest.raises(RequestError, match=r'such as \[\[50, 20, 200, 400\]\]') as error:
        parse_boxes(text, LIMITS)
    assert error.value.status == 422


def test_too_many_boxes():
    with pytest.raises(RequestError, match='bboxes has 3 boxes; give at most 2'):
        parse_boxes('[[0, 0, 1, 1], [0, 0, 1, 1], [0, 0, 1, 1]]', Limits(max_boxes=2))


@pytest.mark.parametrize('value', [0, -1, float('inf'), float('nan')])
def test_limits_are_positive(value):
    with pytest.raises(ValueError, match=r'max_mb is .*; give a number above 0'):
        Limits(max_mb=value)
