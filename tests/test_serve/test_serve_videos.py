import json
import threading
import time

import cv2
import numpy as np
import pytest
from serve_models import known_poses

from mmpose.results import read_results
from mmpose.serve import Limits
from mmpose.serve.errors import RequestError
from mmpose.serve.videos import Video

AVI = {'Content-Type': 'video/x-msvideo'}


@pytest.fixture(scope='module')
def clip(tmp_path_factory):
    """The path of a video with 12 frames, 10 in a second; frame i is of grey 20 i."""
    path = str(tmp_path_factory.mktemp('clip') / 'clip.avi')
    writer = cv2.VideoWriter(path, cv2.VideoWriter_fourcc(*'MJPG'), 10, (64, 48))
    if not writer.isOpened():
        pytest.skip('this OpenCV writes no AVI')
    for i in range(12):
        writer.write(np.full((48, 64, 3), 20 * i, np.uint8))
    writer.release()
    return path


def body(clip):
    with open(clip, 'rb') as file:
        return file.read()


def test_frames(clip):
    video = Video(clip, Limits(), step=5)
    frames = list(video)
    video.close()
    assert [(frame.index, frame.timestamp) for frame in frames] == [(0, 0), (5, 0.5), (10, 1)]
    for frame in frames:
        assert frame.picture.shape == (48, 64, 3)
        assert abs(frame.picture.mean() - 20 * frame.index) < 3
    assert list(map(tuple, _after_close(clip))) == []


def _after_close(clip):
    video = Video(clip, Limits())
    frames = iter(video)
    next(frames)
    video.close()
    return frames


@pytest.mark.parametrize(
    ('data', 'status', 'code'),
    [
        (b'#EXTM3U\nhttp://127.0.0.1/secret.ts', 415, 'unknown_format'),
        (b'ffconcat version 1.0\nfile /etc/passwd', 415, 'unknown_format'),
        (b'', 415, 'unknown_format'),
        (b'RIFF\0\0\0\0AVI nonsense', 400, 'damaged'),
        (b'\0\0\0\x20ftypisomnonsense', 400, 'damaged'),
    ],
    ids=['playlist', 'concatenation', 'empty', 'avi', 'mp4'],
)
def test_refuses_what_is_no_video(tmp_path, data, status, code):
    path = tmp_path / 'video'
    path.write_bytes(data)
    with pytest.raises(RequestError) as error:
        Video(str(path), Limits())
    assert (error.value.status, error.value.code) == (status, code)


def test_limits_of_a_video(clip):
    with pytest.raises(RequestError, match='has 12 frames; 11 are taken'):
        Video(clip, Limits(max_frames=11))
    Video(clip, Limits(max_frames=11), step=2).close()
    with pytest.raises(RequestError, match='video has 64 x 48 pixels'):
        Video(clip, Limits(max_side=63))


@pytest.mark.parametrize('form', [True, False])
def test_lines_are_read_as_results(web, clip, tmp_path, form):
    model = known_poses()[1]
    given = dict(files={'video': body(clip)}) if form else dict(content=body(clip), headers=AVI)
    answer = web.client(model).post('/api/video?step=3&kpt_thr=0.5', **given)
    assert answer.status_code == 200
    assert answer.headers['content-type'] == 'application/x-ndjson'
    (tmp_path / 'poses.jsonl').write_bytes(answer.content)
    results = read_results(tmp_path / 'poses.jsonl')
    assert [result.frame_index for result in results] == [0, 3, 6, 9]
    assert [result.timestamp for result in results] == [0, 0.3, 0.6, 0.9]
    assert results[0].size == (48, 64)
    assert results[0].metainfo['dataset_name'] == 'coco'
    np.testing.assert_array_equal(
        np.isnan(results[3].keypoints[..., 0]), model.found['keypoint_scores'] < 0.5
    )
    # the same poses in every frame have the same ids
    assert len({tuple(result.track_ids) for result in results}) == 1
    assert len(set(results[0].track_ids.tolist())) == 3


def test_without_tracks(web, clip):
    answer = web.client(known_poses()[1]).post(
        '/api/video?track=false', content=body(clip), headers=AVI
    )
    assert len(answer.text.splitlines()) == 12
    assert 'track_id' not in answer.text


@pytest.mark.parametrize(
    ('query', 'limits', 'status', 'words'),
    [
        ('', dict(max_frames=5), 413, '12 frames; 5 are taken'),
        ('', dict(max_mb=0.001), 413, 'larger than 0.001 MB'),
        ('step=0', {}, 422, 'step is'),
        ('', dict(max_megapixels=0.001), 413, 'million'),
    ],
)
def test_refused_videos(web, clip, query, limits, status, words):
    answer = web.client(known_poses()[1], **limits).post(
        f'/api/video?{query}', content=body(clip), headers=AVI
    )
    assert answer.status_code == status
    assert words in answer.json()['error']['message']


def test_the_last_line_tells_an_error(web, clip):
    model = known_poses()[1]
    client = web.client(model)
    model.error = RuntimeError('no')
    answer = client.post('/api/video', content=body(clip), headers=AVI)
    assert json.loads(answer.text.splitlines()[-1])['error']['code'] == 'model_failed'
    assert client.get('/api/health').json()['requests'] == 0


def test_time_is_limited(web, clip):
    model = known_poses()[1]
    client = web.client(model, max_video_seconds=0.5)
    timer = threading.Timer(1.5, model.gate.set)
    model.gate.clear()
    timer.start()
    with client:
        answer = client.post('/api/video', content=body(clip), headers=AVI)
    timer.join()
    last = json.loads(answer.text.splitlines()[-1])['error']
    assert last['code'] == 'timeout'
    assert 'frame 0' in last['message']


def test_a_client_that_goes_away_frees_its_place(running, web, clip):
    import httpx

    model = known_poses()[1]
    url = running(model)
    model.gate.clear()
    with (
        pytest.raises(httpx.ReadTimeout),
        httpx.stream('POST', f'{url}/api/video', content=body(clip), headers=AVI, timeout=0.5) as a,
    ):
        a.read()
    model.gate.set()
    end = time.monotonic() + 10
    while httpx.get(f'{url}/api/health').json()['requests']:
        assert time.monotonic() < end
        time.sleep(0.02)
    assert len(model.calls) < 12
