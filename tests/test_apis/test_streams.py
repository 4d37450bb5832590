"""What happens between the pictures of a call: threads, batches, tracks, files."""

import json
import re
import threading
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from mmpose.apis import MMPoseInferencer
from mmpose.apis.inferencers.utils.overlap import made_ahead
from mmpose.results import PoseResults

SIZE = 96


def frame(left):
    image = np.full((SIZE, SIZE, 3), 40, dtype=np.uint8)
    image[20:80, left : left + 30] = 200
    return image


def bright_boxes(images):
    """Detects the bright rectangle."""
    found = []
    for image in images:
        columns = np.flatnonzero(image[50, :, 0] > 120)
        box = [columns[0], 20, columns[-1] + 1, 80, 0.9] if len(columns) else []
        found.append(np.array(box, dtype=np.float32).reshape(-1, 5))
    return found


@pytest.fixture
def build(config, checkpoint):
    def build(**kwargs):
        return MMPoseInferencer(config, checkpoint, device='cpu', **kwargs)

    return build


@pytest.fixture
def clip(tmp_path):
    path = tmp_path / 'clip.avi'
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*'MJPG'), 10, (SIZE, SIZE))
    for i in range(12):
        writer.write(frame(5 + 4 * i))
    writer.release()
    return path


class TestMadeAhead:
    def test_order_and_bound(self):
        made = []

        def numbers():
            for i in range(50):
                made.append(i)
                yield i

        items = made_ahead(numbers(), 3)
        assert made == []
        assert next(items) == 0
        time.sleep(0.05)
        assert len(made) <= 5  # one taken, three waiting, one in the hand of the thread
        assert list(items) == list(range(1, 50))

    def test_an_error_comes_in_its_place(self):
        def failing():
            yield 1
            raise KeyError('second')

        items = made_ahead(failing(), 5)
        assert next(items) == 1
        with pytest.raises(KeyError, match='second'):
            next(items)

    def test_closing_ends_the_thread_and_the_source(self):
        closed = []

        def endless():
            try:
                while True:
                    yield 0
            finally:
                closed.append(threading.current_thread())

        before = threading.active_count()
        items = made_ahead(endless(), 2)
        next(items)
        items.close()
        assert threading.active_count() == before
        assert closed != [threading.main_thread()]
        assert len(closed) == 1

    def test_without_a_thread(self):
        assert list(made_ahead(iter([1, 2]), 0)) == [1, 2]


def test_the_detector_sees_batches(build):
    sizes = []

    def detector(images):
        sizes.append(len(images))
        return bright_boxes(images)

    images = [frame(left) for left in (5, 20, 35, 50, 60)]
    inferencer = build(det_model=detector)
    one_by_one = inferencer.predict(images)
    assert sizes == [1, 1, 1, 1, 1]
    sizes.clear()
    batched = inferencer.predict(images, batch_size=2)
    assert sizes == [2, 2, 1]
    for one, other in zip(one_by_one, batched, strict=True):
        np.testing.assert_allclose(one.keypoints, other.keypoints, atol=1e-3)
    assert [r.bboxes[0, 0] for r in batched] == [5, 20, 35, 50, 60]


def test_only_pictures_without_boxes_are_detected(build):
    seen = []

    def detector(images):
        seen.extend(images)
        return bright_boxes(images)

    images = [frame(5), frame(20), frame(50)]
    boxes = [None, [[1, 1, 30, 30], [2, 2, 40, 40]], np.empty((0, 4))]
    results = build(det_model=detector).predict(images, batch_size=3, bboxes=boxes)
    assert len(seen) == 1
    assert [len(result) for result in results] == [1, 2, 0]


def test_nothing_detected(build):
    dark = np.zeros((SIZE, SIZE, 3), dtype=np.uint8)
    inferencer = build(det_model=bright_boxes)
    (whole,) = inferencer.predict(dark)
    np.testing.assert_array_equal(whole.bboxes, [[0, 0, SIZE, SIZE]])
    (skipped,) = inferencer.predict(dark, on_empty='skip')
    assert len(skipped) == 0
    with pytest.raises(ValueError, match="on_empty is 'none'; it has to be one of"):
        inferencer.predict(dark, on_empty='none')


def test_flip_test_can_be_left_out(build, monkeypatch):
    inferencer = build()
    model = inferencer.inferencer.model
    seen = []
    monkeypatch.setattr(
        model, 'test_step', lambda batch, step=model.test_step: seen.append(
            model.test_cfg['flip_test']
        ) or step(batch)
    )  # fmt: skip
    boxes = [[5, 5, 60, 80]]
    inferencer.inferencer._flip_test = True
    for option in ({}, dict(flip_test=False), {}):
        inferencer.predict(frame(5), bboxes=boxes, **option)
    assert seen == [True, False, True]


def test_model_without_known_keypoints(build):
    inferencer = build()
    model = inferencer.inferencer.model
    model.dataset_meta = None
    inferencer.inferencer.pipeline._dataset_meta = {}
    inferencer.inferencer._flip_test = True
    image, boxes = frame(5), [[5, 5, 60, 80]]
    (result,) = inferencer.predict(image, bboxes=boxes)
    assert model.test_cfg['flip_test'] is False  # there are no mirrors to go by
    assert result.names[:2] == ('keypoint_0', 'keypoint_1')
    (drawn,) = inferencer(image, bboxes=boxes, return_vis=True, kpt_thr=-1)
    assert (drawn['visualization'][0] != image[..., ::-1]).any()


def test_results_know_where_they_come_from(build, clip):
    results = build(det_model=bright_boxes).predict(str(clip), batch_size=5)
    assert isinstance(results, PoseResults)
    assert [r.frame_index for r in results] == list(range(12))
    assert [r.timestamp for r in results] == pytest.approx([i / 10 for i in range(12)])
    assert results[3].source == str(clip)
    assert results[0].size == (SIZE, SIZE)
    assert results[0].names[0] == 'nose'


def test_results_one_by_one(build, clip):
    stream = build(det_model=bright_boxes).stream(str(clip))
    assert next(stream).frame_index == 0
    stream.close()


def test_tracks(build, clip):
    inferencer = build(det_model=bright_boxes)
    results = inferencer.predict(str(clip), track=True)
    assert {tuple(r.track_ids) for r in results} == {(0,)}
    again = inferencer.predict([str(clip), str(clip)], track=True, batch_size=4)
    assert [tuple(r.track_ids) for r in again] == [(0,)] * 24  # each video starts anew
    (one, *_) = inferencer(str(clip), track=True)
    assert one['predictions'][0][0]['track_id'] == 0


def test_boxes_between_detections_come_from_tracks(build, clip):
    seen = []

    def detector(images):
        seen.extend(images)
        return bright_boxes(images)

    results = build(det_model=detector).predict(str(clip), det_every=4, on_empty='skip')
    assert len(seen) == 3
    assert len(results) == 12


def test_smoothing(build, clip):
    inferencer = build(det_model=bright_boxes)
    raw = inferencer.predict(str(clip), track=True)
    smooth = inferencer.predict(str(clip), smooth=lambda: lambda points, seconds: points + 7)
    sure = raw[5].keypoint_scores > 0.3
    np.testing.assert_allclose(smooth[5].keypoints[sure], raw[5].keypoints[sure] + 7, atol=1e-3)


def test_predictions_of_an_interrupted_video_are_whole(build, clip, tmp_path):
    out = tmp_path / 'out'
    results = build(det_model=bright_boxes)(str(clip), out_dir=str(out))
    for _ in range(4):
        next(results)
    results.close()  # as an interrupt does
    frames = json.loads((out / 'predictions/clip.json').read_text())
    assert [f['frame_id'] for f in frames] in ([0, 1, 2, 3], [0, 1, 2, 3, 4])
    video = cv2.VideoCapture(str(out / 'visualizations/clip.mp4'))
    assert video.get(cv2.CAP_PROP_FRAME_COUNT) == len(frames)


def test_boxes_outside(build):
    boxes = [[5, 5, 60, 80], [100, 5, 120, 80]]
    with pytest.warns(UserWarning, match=r'Box 1, .* lies outside of its picture, which is 96'):
        (result,) = build().predict(frame(5), bboxes=boxes)
    np.testing.assert_array_equal(result.bboxes, boxes)  # used as they are


def test_folder_that_cannot_be_written(build, tmp_path):
    (tmp_path / 'file').write_text('')
    with pytest.raises(PermissionError, match=r'Results cannot go to the folder .*file/vis'):
        build()(frame(5), out_dir=str(tmp_path / 'file'))


@pytest.mark.slow
def test_memory_stays_flat(build):
    """As much as a video of minutes, tracked, drawn and written."""
    status, count, resident = Path('/proc/self/status'), 6000, []
    if not status.exists():
        pytest.skip('the memory of a process is read from /proc')

    def frames():
        for i in range(count):
            yield frame(5 + i % 60)

    options = dict(track=True, smooth='one_euro', return_vis=True, batch_size=4)
    stream = build(det_model=bright_boxes).stream(frames(), flip_test=False, **options)
    for i, result in enumerate(stream):
        assert result.frame_index == i
        if i % 1000 == 999:
            (kilobytes,) = re.findall(r'VmRSS:\s+(\d+) kB', status.read_text())
            resident.append(int(kilobytes) / 1000)
    assert i == count - 1
    assert resident[-1] - resident[0] < 50, resident
