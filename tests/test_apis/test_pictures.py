from itertools import islice

import cv2
import numpy as np
import pytest

from mmpose.apis.inferencers.utils.pictures import Pictures

IMAGE = np.zeros((8, 9, 3), dtype=np.uint8)


@pytest.fixture
def video(tmp_path):
    """Makes a video of noise with so many frames, at 10 frames a second."""

    def make(count):
        path = tmp_path / 'noise.avi'
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*'MJPG'), 10, (64, 48))
        rng = np.random.default_rng(0)
        for _ in range(count):
            writer.write(rng.integers(0, 255, (48, 64, 3), dtype=np.uint8))
        writer.release()
        return path

    return make


def names(inputs):
    pictures = Pictures(inputs)
    found = [picture.name for picture in pictures]
    assert len(pictures) == len(found)
    return found


def test_folders_files_and_arrays(folder):
    assert names(str(folder)) == ['a.png', 'b.png', 'c.png']
    assert names(folder / 'b.png') == ['b.png']
    assert names(IMAGE) == ['00000000.jpg']
    mixed = [IMAGE, str(folder / 'c.png'), IMAGE]
    assert names(mixed) == ['00000000.jpg', 'c.png', '00000002.jpg']


def test_equal_names_are_told_apart(folder):
    path = str(folder / 'a.png')
    assert names([path, path, str(folder)]) == ['a.png', 'a_1.png', 'a_2.png', 'b.png', 'c.png']


def test_addresses():
    assert names('https://example.com/people.jpg?size=large') == ['people.jpg']


def test_inputs_that_are_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'missing\.jpg does not exist'):
        Pictures(str(tmp_path / 'missing.jpg'))
    with pytest.raises(FileNotFoundError, match=r'has no picture: no file ends in \.jpg'):
        Pictures(str(tmp_path))
    with pytest.raises(ValueError, match='The list of inputs is empty'):
        Pictures([])


def test_inputs_of_a_wrong_kind(tmp_path):
    with pytest.raises(TypeError, match='An input is a int; give a picture file'):
        Pictures([5])
    with pytest.raises(TypeError, match='array of float64'):
        Pictures(IMAGE.astype(float))
    with pytest.raises(ValueError, match=r'array of shape \(8, 9\)'):
        Pictures([IMAGE[..., 0]])
    with pytest.raises(RuntimeError, match='The camera 93 could not be opened'):
        Pictures('webcam:93')
    with pytest.raises(ValueError, match="The input is 'webcam:front'; give a camera's number"):
        Pictures('webcam:front')
    broken = tmp_path / 'broken.mp4'
    broken.write_bytes(b'no video')
    with pytest.raises(ValueError, match=r'broken\.mp4 could not be read'):
        Pictures(str(broken))


def test_frames_of_videos(tmp_path):
    path = tmp_path / 'clip.mp4'
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*'mp4v'), 5, (64, 48))
    for _ in range(2):
        writer.write(np.zeros((48, 64, 3), dtype=np.uint8))
    writer.release()
    pictures = list(Pictures([IMAGE, str(path)]))
    assert [p.name for p in pictures] == ['00000000.jpg', 'clip_000000.jpg', 'clip_000001.jpg']
    assert [p.fps for p in pictures] == [0, 5, 5]
    assert pictures[1].source.shape == (48, 64, 3)


def test_iterators_may_be_endless():
    pictures = Pictures(IMAGE for _ in iter(int, 1))
    first = list(islice(pictures, 3))
    assert [(p.name, p.frame, p.seconds) for p in first] == [
        (f'0000000{i}.jpg', i, None) for i in range(3)
    ]
    assert pictures.count is None
    with pytest.raises(TypeError, match='It is not known how many pictures'):
        len(pictures)


def test_truncated_videos(video, tmp_path):
    cut = tmp_path / 'cut.avi'
    cut.write_bytes(video(30).read_bytes()[:60_000])
    pictures = Pictures(str(cut))
    frames = list(pictures)
    assert 0 < len(frames) < 30
    assert [p.frame for p in frames] == list(range(len(frames)))
    assert frames[2].seconds == pytest.approx(0.2)
