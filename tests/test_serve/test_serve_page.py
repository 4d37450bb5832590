"""The page in a headless Chromium."""

import base64
import csv
import json
import shutil

import cv2
import numpy as np
import pytest
from serve_models import encode, known_poses

from mmpose.results import read_results

pytestmark = pytest.mark.slow
NAMES = ('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable')
OPTIONS = (
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    '--no-first-run',
    '--use-fake-device-for-media-stream',
    '--use-fake-ui-for-media-stream',
)


@pytest.fixture(scope='module')
def browser():
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip('there is no Chromium here')
    api = pytest.importorskip('playwright.sync_api', reason='playwright is not installed')
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=OPTIONS)
        yield browser
        browser.close()


@pytest.fixture
def image_and_model():
    return known_poses()


@pytest.fixture
def page(browser, running, image_and_model, request):
    """The page, ready; it fails the test if the browser has something to complain of."""
    options = dict(getattr(request, 'param', {}))
    limits = options.pop('limits', {})
    url = running(image_and_model[1], **limits)
    context = browser.new_context(**options)
    page = context.new_page()
    complaints = []
    page.on('pageerror', lambda error: complaints.append(str(error)))
    page.on(
        'console',
        lambda line: complaints.append(line.text) if 'Content Security' in line.text else None,
    )
    page.on(
        'request',
        lambda asked: (
            complaints.append(asked.url)
            if not asked.url.startswith((url, 'blob:', 'data:'))
            else None
        ),
    )
    page.goto(url)
    page.wait_for_selector('body[data-state=ready]')
    yield page
    assert complaints == []
    context.close()


def open_picture(page, image, name='people.png'):
    file = dict(name=name, mimeType='image/png', buffer=encode(image, '.png'))
    page.set_input_files('#file', file)
    page.wait_for_selector('body[data-state=done]')


def slide(page, name, value):
    page.fill(f'#{name}', str(value))


def drawn(page, what='keypoints'):
    return int(page.get_attribute('#canvas', f'data-{what}'))


def pixels(page):
    """The (H, W, 3) RGB pixels of the canvas."""
    url = page.evaluate('document.getElementById("canvas").toDataURL()')
    data = np.frombuffer(base64.b64decode(url.partition(',')[2]), np.uint8)
    return cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1]


def until(page, selector, condition):
    """Wait for a text; the page forbids playwright's own way, which needs `eval`."""
    for _ in range(200):
        if condition(page.text_content(selector)):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f'{selector} is {page.text_content(selector)!r}')


def downloaded(page, button, folder):
    with page.expect_download() as download:
        page.click(f'#{button}')
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


@pytest.mark.parametrize(
    'page', [{}, dict(viewport=dict(width=390, height=844)), dict(color_scheme='dark')],
    indirect=True, ids=['desktop', 'phone', 'dark'],
)  # fmt: skip
def test_a_picture_its_sliders_and_downloads(page, image_and_model, tmp_path):
    image, model = image_and_model
    conf = model.found['keypoint_conf'] = model.found['keypoint_scores']
    open_picture(page, image)
    assert len(model.calls) == 2  # one for the definition
    assert drawn(page) == (conf >= 0.3).sum()
    assert drawn(page, 'poses') == 3
    assert page.inner_text('#status').startswith('3 poses in ')
    assert page.locator('#poses li').count() == 3
    x, y = model.found['keypoints'][0, 15] * 2  # drawn twice as large
    ankle = pixels(page)[round(y), round(x)]
    assert np.abs(ankle.astype(int) - [0, 255, 0]).max() <= 2
    # nothing reaches out of a narrow screen
    assert page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')

    slide(page, 'kpt-thr', 0.7)
    assert drawn(page) == (conf >= 0.7).sum() < (conf >= 0.3).sum()
    slide(page, 'box-thr', 0.6)
    assert drawn(page) == (conf[:2] >= 0.7).sum()
    assert drawn(page, 'poses') == 2
    assert page.inner_text('#count') == '2, 1 hidden'
    slide(page, 'kpt-thr', 1)
    slide(page, 'box-thr', 1)
    page.uncheck('#ids')
    plain = pixels(page)[::2, ::2, ::-1]
    assert np.abs(plain.astype(int) - image).mean() < 4  # nothing but the picture
    assert len(model.calls) == 2  # all that without asking again

    results = read_results(downloaded(page, 'json', tmp_path))
    assert results[0].source == 'people.png'
    assert results[0].size == (480, 640)
    assert results[0].names[0] == 'nose'
    np.testing.assert_allclose(results[0].keypoints, model.found['keypoints'], rtol=1e-6)
    table = read_results(downloaded(page, 'csv', tmp_path), metainfo=results[0].metainfo)
    assert table[0] == results[0]
    saved = cv2.imread(str(downloaded(page, 'png', tmp_path)))
    assert np.abs(saved.astype(int) - image).max() <= 1


def test_by_keyboard(page, image_and_model):
    open_picture(page, image_and_model[0])
    before = drawn(page)
    page.focus('#kpt-thr')
    page.keyboard.press('End')
    assert drawn(page) < before
    assert page.inner_text('#kpt-thr-value') == '1.00'
    page.focus('#poses button')
    page.keyboard.press('Enter')
    assert page.get_attribute('#poses button', 'aria-pressed') == 'true'
    assert page.locator('#keypoints tr').count() == 17
    page.keyboard.press('Enter')
    assert page.locator('#details').is_hidden()
    names = page.evaluate(
        '[...document.querySelectorAll("input, button, select")].filter((e) => '
        '!(e.labels?.length || e.ariaLabel || e.textContent.trim())).map((e) => e.id)'
    )
    assert names == []
    assert 'keypoints shown' in page.get_attribute('#canvas', 'aria-label')


def test_the_camera(page, image_and_model, tmp_path):
    page.click('#camera')
    until(page, '#rate', lambda text: text.endswith('frames per second'))
    page.wait_for_timeout(500)
    page.click('#stop')
    page.wait_for_selector('body[data-state=done]')
    count = len(image_and_model[1].calls)
    assert page.inner_text('#status').startswith('The camera is off; ')
    assert drawn(page) == 47
    page.wait_for_timeout(300)
    assert len(image_and_model[1].calls) == count  # it is really off
    results = read_results(downloaded(page, 'json', tmp_path))
    assert [result.frame_index for result in results] == list(range(len(results)))
    assert len(results) > 1
    assert page.locator('#error').is_hidden()


def make_clip(path):
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'VP80'), 10, (320, 240))
    if not writer.isOpened():
        pytest.skip('this OpenCV writes no WebM')
    for i in range(10):
        frame = np.zeros((240, 320, 3), np.uint8)
        frame[:, : 32 * i + 32] = 255
        writer.write(frame)
    writer.release()


def test_a_video(page, image_and_model, tmp_path):
    make_clip(tmp_path / 'clip.webm')
    page.set_input_files('#file', tmp_path / 'clip.webm')
    page.wait_for_selector('body[data-state=done]')
    assert page.inner_text('#status').strip() == '10 frames done.'
    # what the model saw were the ten frames in their order
    widths = [(picture[100, :, 0] > 128).sum() for picture, _ in image_and_model[1].calls[1:]]
    np.testing.assert_allclose(widths, np.arange(32, 321, 32), atol=6)
    with open(downloaded(page, 'csv', tmp_path), newline='') as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 10 * 3 * 17
    assert rows[-1]['timestamp'] == '0.9'
    page.evaluate('seek.value = 0.25; seek.dispatchEvent(new Event("input"))')
    page.wait_for_timeout(300)
    shown = pixels(page)
    assert abs((shown[20, :, 0] > 128).sum() / shown.shape[1] - 0.3) < 0.03
    page.click('#play')
    until(page, '#play', 'Pause'.__eq__)
    until(page, '#play', 'Play'.__eq__)
    assert len(image_and_model[1].calls) == 11  # played again without asking


@pytest.mark.parametrize(
    'page', [dict(limits=dict(max_megapixels=0.1))], indirect=True, ids=['small']
)
def test_a_large_picture_is_made_smaller(page, image_and_model):
    image, model = image_and_model
    open_picture(page, image)
    H, W = model.calls[-1][0].shape[:2]
    assert H * W <= 100_000
    assert abs(W / H - 4 / 3) < 0.01
    assert f'The picture of 640 \u00d7 480 was made smaller to {W} \u00d7 {H}' in page.inner_text(
        '#status'
    )


def test_faults_are_told_in_words(page, image_and_model):
    image, model = image_and_model
    file = dict(name='notes.txt', mimeType='text/plain', buffer=b'no picture')
    page.set_input_files('#file', file)
    page.wait_for_selector('#error:not([hidden])')
    assert page.inner_text('#error') == (
        'notes.txt is no picture that this browser can show; open a JPEG or PNG.'
    )
    model.error = ValueError('x')
    file = dict(name='people.png', mimeType='image/png', buffer=encode(image, '.png'))
    page.set_input_files('#file', file)
    until(page, '#error', lambda text: 'ValueError' in text)
    model.error = None
    open_picture(page, image)
    assert page.locator('#error').is_hidden()


def test_the_description(page):
    page.click('nav a')
    page.wait_for_selector('h2')
    titles = page.locator('h2').all_inner_texts()
    assert titles[:4] == ['GET /api/model', 'GET /api/health', 'POST /api/predict',
                          'POST /api/video']  # fmt: skip
    assert 'PredictionAnswer' in titles
    assert json.dumps(page.inner_text('main')).count('bboxes') >= 1
