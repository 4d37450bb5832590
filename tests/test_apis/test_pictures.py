import cv2
import numpy as np
import pytest

from mmpose.apis.inferencers.utils.pictures import Pictures

IMAGE = np.zeros((8, 9, 3), dtype=np.uint8)


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
    with pytest.raises(NotImplementedError, match=r"Cameras \('webcam:1'\) are not supported"):
        Pictures('webcam:1')
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
