import http.client
import json
import logging
import re
import socket
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from serve_models import encode, known_poses

import mmpose.serve
from mmpose.results import PoseResult

JPEG = {'Content-Type': 'image/jpeg'}
STATIC = Path(mmpose.serve.__file__).parent / 'static'


@pytest.fixture(scope='module')
def known():
    return known_poses()


@pytest.fixture
def model():
    return known_poses()[1]


def message(answer, status, code):
    """What the answer says was wrong."""
    assert answer.status_code == status, answer.text
    error = answer.json()['error']
    assert error['code'] == code
    return error['message']


def test_predict_answers_what_the_model_found(web, known):
    image, model = known
    answer = web.client(model).post('/api/predict', content=encode(image), headers=JPEG)
    assert answer.status_code == 200
    found = answer.json()
    assert found['size'] == [480, 640]
    assert [one['bbox_score'] for one in found['instances']] == [0.95, 0.75, 0.55]
    for i, one in enumerate(found['instances']):
        assert set(one) == {
            'bbox', 'bbox_score', 'keypoints', 'keypoint_scores', 'keypoint_conf'
        }  # fmt: skip
        np.testing.assert_allclose(one['keypoints'], model.found['keypoints'][i], rtol=1e-6)
        np.testing.assert_allclose(one['bbox'], [model.found['bboxes'][i]], rtol=1e-6)
    timing = found['timing']
    assert set(timing) == {'decode_ms', 'wait_ms', 'model_ms', 'total_ms'}
    assert timing['total_ms'] >= timing['decode_ms'] + timing['model_ms']


def test_the_model_sees_the_picture_and_the_options(web, known):
    image, model = known
    query = dict(bboxes='[[1, 2, 30, 40]]', bbox_thr=0.5, nms_thr=0.25)
    png = {'Content-Type': 'image/png'}
    web.client(model).post('/api/predict', params=query, content=encode(image, '.png'), headers=png)
    seen, options = model.calls[-1]
    np.testing.assert_array_equal(seen, image)
    np.testing.assert_array_equal(options.pop('bboxes'), [[1, 2, 30, 40]])
    assert options == dict(bbox_thr=0.5, nms_thr=0.25)


def test_a_form_is_the_same_as_a_body(web, known):
    image, model = known
    client = web.client(model)
    form = client.post('/api/predict', files={'image': ('a.jpg', encode(image), 'image/jpeg')})
    body = client.post('/api/predict', content=encode(image), headers=JPEG)
    assert form.json()['instances'] == body.json()['instances']


def test_unsure_keypoints_are_null(web, known):
    image, model = known
    answer = web.client(model).post('/api/predict?kpt_thr=0.7', content=encode(image), headers=JPEG)
    for one in answer.json()['instances']:
        for point, conf in zip(one['keypoints'], one['keypoint_conf'], strict=True):
            assert (point == [None, None]) == (conf < 0.7)


def test_model_tells_keypoints_and_limits(web, model):
    told = web.client(model, max_mb=3).get('/api/model').json()
    assert told['name'] == 'known'
    assert told['metainfo']['keypoint_names'][:2] == ['nose', 'left_eye']
    assert len(told['metainfo']['skeleton_links']) == len(told['metainfo']['skeleton_link_colors'])
    assert told['limits']['max_mb'] == 3
    assert len(model.calls) == 1  # the black picture before the first request


@pytest.mark.parametrize(
    ('query', 'body', 'kind', 'status', 'code', 'words'),
    [
        ('', b'', 'image/jpeg', 400, 'no_picture', 'send a JPEG or PNG'),
        ('', b'nonsense', 'image/jpeg', 415, 'unknown_format', 'no JPEG, PNG or WebP'),
        ('', b'', 'text/plain', 415, 'unknown_type', "--data-binary @FILE"),
        ('', b'', 'multipart/form-data', 400, 'bad_form', 'boundary'),
        ('', b'--a--', 'multipart/form-data; boundary=a', 400, 'no_file', 'has no file'),
        ('kpt_thr=2', b'', 'image/jpeg', 422, 'bad_value', "kpt_thr is '2'.*less than or equal"),
        ('nms_thr=x', b'', 'image/jpeg', 422, 'bad_value', "nms_thr is 'x'.*valid number"),
        ('bbox_thr=nan', b'', 'image/jpeg', 422, 'bad_value', 'bbox_thr'),
        ('bboxes=[1]', b'', 'image/jpeg', 422, 'bad_boxes', 'left, top, right and bottom'),
    ],
)  # fmt: skip
def test_refusals_say_what_was_expected(web, model, query, body, kind, status, code, words):
    answer = web.client(model).post(
        f'/api/predict?{query}', content=body, headers={'Content-Type': kind}
    )
    assert re.search(words, message(answer, status, code))
    assert len(model.calls) == 1


@pytest.mark.parametrize('declared', [True, False])
@pytest.mark.parametrize('form', [True, False])
def test_large_uploads_are_refused(web, model, declared, form):
    body, kind = bytes(1_200_000), 'image/jpeg'
    if form:
        head = b'--b\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\n'
        body, kind = head + body + b'\r\n--b--\r\n', 'multipart/form-data; boundary=b'
    content = body if declared else iter([body[:600_000], body[600_000:]])
    answer = web.client(model, max_mb=1).post(
        '/api/predict', content=content, headers={'Content-Type': kind}
    )
    assert 'larger than 1 MB' in message(answer, 413, 'too_large')


def test_a_form_a_little_too_large_is_refused(web, model):
    answer = web.client(model, max_mb=1).post('/api/predict', files={'image': bytes(1_000_001)})
    assert 'larger than 1 MB' in message(answer, 413, 'too_large')


def test_other_pages(web, model):
    client = web.client(model)
    assert '/api lists what there is' in message(client.get('/nothing'), 404, 'no_such_page')
    assert client.get('/api/predict').status_code == 405
    assert client.get('/static/../app.py').status_code == 404
    assert client.get('/docs').status_code == 404


def test_a_failing_model_is_told_without_details(web, known, caplog):
    image, _ = known
    model = known_poses()[1]
    client = web.client(model)
    model.error = RuntimeError('secret path')
    with caplog.at_level(logging.ERROR, 'mmpose.serve'):
        answer = client.post('/api/predict', content=encode(image), headers=JPEG)
    assert 'RuntimeError' in message(answer, 500, 'model_failed')
    assert 'secret' not in answer.text
    assert 'secret path' in caplog.text
    model.error = None
    assert client.post('/api/predict', content=encode(image), headers=JPEG).status_code == 200
    assert client.get('/api/health').json() == dict(status='ok', requests=0)


@pytest.mark.parametrize(
    'headers',
    [
        {'Host': 'evil.example'},
        {'Host': '192.168.1.5:8000'},
        {'Host': ''},
        {'Origin': 'http://evil.example'},
        {'Origin': 'null'},
        {'Origin': 'http://localhost:9999'},
        {'Origin': 'http://['},
    ],
    ids=str,
)
def test_foreign_hosts_and_origins_are_refused(web, model, headers):
    answer = web.client(model).get('/api/model', headers=headers)
    assert answer.status_code == 403
    assert answer.headers['x-content-type-options'] == 'nosniff'
    assert re.search('--allow-host|only the pages of this server', answer.text)


@pytest.mark.parametrize('headers', [{'Host': 'LOCALHOST:80'}, {'Origin': 'http://localhost'}])
def test_own_hosts_and_origins_are_heard(web, model, headers):
    assert web.client(model).get('/api/model', headers=headers).status_code == 200


def test_without_names_every_host_is_heard_but_no_foreign_page(web, model):
    client = web.client(model, hosts=None)
    assert client.get('/api/model', headers={'Host': 'any.example'}).status_code == 200
    headers = {'Host': 'any.example', 'Origin': 'http://evil.example'}
    assert client.get('/api/model', headers=headers).status_code == 403


@pytest.mark.parametrize('path', ['/', '/api', '/static/app.js', '/api/model', '/nothing'])
def test_every_answer_has_the_headers(web, model, path):
    headers = web.client(model).get(path).headers
    policy = headers['content-security-policy']
    assert "default-src 'none'" in policy
    assert 'unsafe' not in policy
    assert 'http' not in policy
    assert headers['x-frame-options'] == 'DENY'
    assert 'access-control-allow-origin' not in headers


@pytest.mark.parametrize('file', sorted(STATIC.iterdir()), ids=lambda file: file.name)
def test_pages_need_nothing_from_elsewhere(file):
    text = file.read_text(encoding='utf-8')
    assert not re.findall(r'(?:src|href|url|import|from)\s*[=(]?\s*["\']?(?:https?:)?//', text)
    assert not re.search(r'<script>|<style>|style="|\son\w+="|innerHTML|eval\(', text)


def test_description_fits_the_answers(web, known):
    image, model = known
    client = web.client(model)
    description = client.get('/api/openapi.json').json()
    assert set(description['paths']) == {
        '/api/model', '/api/health', '/api/predict', '/api/video'
    }  # fmt: skip
    predict = description['paths']['/api/predict']['post']
    assert set(predict['responses']) == {
        '200', '400', '403', '413', '415', '422', '500', '503', '504'
    }  # fmt: skip
    assert set(predict['requestBody']['content']) == {
        'multipart/form-data', 'image/jpeg', 'image/png', 'image/webp'
    }  # fmt: skip
    from mmpose.serve import schemas

    answer = client.post('/api/predict', content=encode(image), headers=JPEG)
    assert schemas.PredictionAnswer(**answer.json()).size == (480, 640)
    schemas.ModelAnswer(**client.get('/api/model').json())
    schemas.HealthAnswer(**client.get('/api/health').json())
    schemas.ErrorAnswer(**client.get('/x').json())


def post(url, body, out):
    import httpx

    out.append(httpx.post(f'{url}/api/predict', content=body, headers=JPEG, timeout=30))


def wait_for(condition):
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_too_many_requests_are_told_to_wait(running, web, known):
    import httpx

    model, answers = known_poses()[1], []
    url, body = running(model, max_requests=2), encode(known[0])
    model.gate.clear()
    threads = [threading.Thread(target=post, args=(url, body, answers)) for _ in range(2)]
    for thread in threads:
        thread.start()
    wait_for(lambda: httpx.get(f'{url}/api/health').json()['requests'] == 2)
    refused = httpx.post(f'{url}/api/predict', content=body, headers=JPEG)
    assert 'works on 2 requests already' in message(refused, 503, 'busy')
    assert refused.headers['retry-after'] == '1'
    model.gate.set()
    for thread in threads:
        thread.join(10)
    assert [answer.status_code for answer in answers] == [200, 200]
    assert len(model.calls) == 3
    wait_for(lambda: httpx.get(f'{url}/api/health').json()['requests'] == 0)


def test_a_slow_model_is_not_waited_for(running, web, known):
    import httpx

    model = known_poses()[1]
    url = running(model, max_seconds=0.3)
    model.gate.clear()
    answer = httpx.post(f'{url}/api/predict', content=encode(known[0]), headers=JPEG)
    assert 'no answer within 0.3 s' in message(answer, 504, 'timeout')
    # the model still works for it, so its place stays taken
    assert httpx.get(f'{url}/api/health').json()['requests'] == 1
    model.gate.set()
    wait_for(lambda: httpx.get(f'{url}/api/health').json()['requests'] == 0)
    answer = httpx.post(f'{url}/api/predict', content=encode(known[0]), headers=JPEG)
    assert answer.status_code == 200


def test_a_waiting_request_that_timed_out_never_reaches_the_model(running, web, known):
    model, answers = known_poses()[1], []
    url = running(model, max_seconds=0.3)
    model.gate.clear()
    threads = [
        threading.Thread(target=post, args=(url, encode(known[0]), answers)) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    model.gate.set()
    assert [answer.status_code for answer in answers] == [504, 504, 504]
    assert len(model.calls) == 2


def test_a_refusal_is_heard_by_who_sends_everything_first(running, web, model):
    url = running(model, max_mb=1)
    connection = http.client.HTTPConnection(url.removeprefix('http://'), timeout=10)
    connection.request('POST', '/api/predict', body=bytes(9_000_000), headers=JPEG)
    answer = connection.getresponse()
    assert answer.status == 413
    assert 'larger than 1 MB' in json.loads(answer.read())['error']['message']


def test_who_goes_away_in_the_middle_leaves_nothing(running, web, model, caplog):
    import httpx

    url = running(model)
    host, port = url.removeprefix('http://').split(':')
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(
            f'POST /api/predict HTTP/1.1\r\nHost: {host}\r\nContent-Type: image/jpeg\r\n'
            'Content-Length: 500\r\n\r\nabc'.encode()
        )
        wait_for(lambda: httpx.get(f'{url}/api/health').json()['requests'] == 1)
    wait_for(lambda: httpx.get(f'{url}/api/health').json()['requests'] == 0)
    assert caplog.text == ''


def test_a_real_model(web, known):
    from mmpose.apis import MMPoseInferencer

    model = MMPoseInferencer('configs/quickstart/td-hm_res18-slim_synthetic-people-128x96.py')
    query = dict(bboxes=json.dumps(known[1].found['bboxes'].tolist()))
    client = web.client(model)
    answer = client.post('/api/predict', params=query, content=encode(known[0]), headers=JPEG)
    assert answer.status_code == 200, answer.text
    found = answer.json()['instances']
    (expected,) = model.predict([known[0]], bboxes=known[1].found['bboxes'])
    assert isinstance(expected, PoseResult)
    assert [len(one['keypoints']) for one in found] == [17, 17, 17]
    np.testing.assert_allclose([one['bbox'][0] for one in found], expected.bboxes, rtol=1e-5)
