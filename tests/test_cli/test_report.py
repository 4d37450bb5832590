"""``mmpose report`` shows what is wrong with results."""

import base64
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import cv2
import numpy as np
import pytest
from report_files import GREY, LEFT_ANKLE, RIGHT_ANKLE, dump, write_files

from mmpose.cli.main import main
from mmpose.cli.reporting.cases import SIDES, CasePainter, find_picture
from mmpose.cli.reporting.charts import gains, reliability, stacked_bar
from mmpose.cli.reporting.page import report_page
from mmpose.cli.reporting.results import read_results
from mmpose.cli.reporting.style import COLORS
from mmpose.cli.reporting.words import number, percent
from mmpose.evaluation.analysis import PoseRecords, analyse


@pytest.fixture
def files(tmp_path, monkeypatch):
    """A folder to work in, with ``r.json``, ``ann.json`` and ``pictures``."""
    monkeypatch.chdir(tmp_path)
    write_files(tmp_path)


@pytest.fixture
def records(files):
    return read_results('r.json', 'ann.json', None).records


class Page(HTMLParser):
    """What a page shows, and whether its tags are closed."""

    def __init__(self, text):
        super().__init__()
        self.pictures, self.values, self.texts, self.open_tags = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        assert not {'href', 'srcset', 'action'} & attrs.keys()
        if tag == 'img':
            data = base64.b64decode(attrs['src'].removeprefix('data:image/jpeg;base64,'))
            picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
            assert picture.shape[:2] == (int(attrs['height']), int(attrs['width']))
            self.pictures.append((attrs['alt'], picture))
        elif tag != 'meta':
            self.open_tags.append(tag)
        if 'data-value' in attrs:
            self.values.append(attrs['data-value'])

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        assert self.open_tags.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def page_of(path):
    text = Path(path).read_text(encoding='utf-8')
    assert not re.search(r'https?:|url\(|@import|<link', text)
    page = Page(text)
    assert page.open_tags == []
    return page


def exact(values):
    return ['' if value is None else repr(value) for value in values]


def test_the_page_has_the_numbers_of_the_json_file(files, records, capsys):
    argv = ['r.json', '--ann-file', 'ann.json', '--img-prefix', 'pictures', '--json', 'out/n.json']
    assert main(['report', *argv]) == 0
    output = capsys.readouterr().out
    assert 'The page is in r.html.\n' in output
    assert 'Note' not in output
    report = json.loads(Path('out/n.json').read_text())
    assert report == json.loads(json.dumps(analyse(records)))
    kinds = ('good', 'jitter', 'inversion', 'swap', 'miss')
    numbers = report['numbers']
    expected = [numbers[key] for key in ('AP', 'AP .5', 'AP .75', 'AR', 'PCK', 'median_error')]
    expected += [report['outcomes'][key] for key in ('found', 'missed', 'background', 'duplicate')]
    expected += [report['errors']['share'][kind] for kind in kinds]
    mended = report['errors']['AP_if_mended']
    expected += [numbers['AP'], *(mended[kind] for kind in (*kinds[1:], 'all'))]
    expected = exact(expected)
    for row in report['keypoints']:
        columns = ('labelled', 'matched', 'AP', 'PCK', 'median_error', *kinds)
        expected += [row['name'], *exact(row[key] for key in columns)]
    for part in ('pose', 'keypoint'):
        found = report['calibration'][part]
        expected += exact([found['ece'], found['correlation']])
    for part in ('size', 'crowd'):
        for row in report['slices'][part]:
            columns = ('instances', 'AP', 'AR', 'PCK', 'median_error', *kinds)
            expected += [row['name'], *exact(row[key] for key in columns)]
    page = page_of('r.html')
    assert page.values == expected
    assert {number(numbers['AP']), percent(report['errors']['share']['good'])} <= set(page.texts)


def test_the_numbers_are_right(records):
    report = analyse(records)
    assert report['outcomes'] == dict(found=2, missed=1, background=1, duplicate=0)
    assert report['errors']['keypoints'] == 33
    assert report['errors']['share']['inversion'] == pytest.approx(2 / 33)
    assert report['errors']['share']['good'] == pytest.approx(31 / 33)


def test_pictures_of_the_worst_cases(files):
    assert main(['report', 'r.json', '--ann-file', 'ann.json', '--img-prefix', 'pictures']) == 0
    page = page_of('r.html')
    assert [alt for alt, _ in page.pictures] == [
        'image 1, wrong pose: label',
        'image 1, wrong pose: prediction',
        'image 2, missed: label',
        'image 2, background: prediction',
    ]
    assert all(max(picture.shape[:2]) <= 480 for _, picture in page.pictures)
    texts = page.texts
    caption = texts[texts.index('case') :][:12]
    assert dict(zip(caption[::2], caption[1::2], strict=True)) == {
        'case': 'wrong pose',
        'image id': '1',
        'picture': '1.png',
        'OKS': number(15 / 17),
        'score': '0.900',
        'errors': '2 inversion',
    }


def rgb(name):
    return tuple(bytes.fromhex(COLORS[name][1:]))


def count_of(picture, name):
    return int((picture == rgb(name)).all(axis=-1).sum())


def test_poses_have_the_colours_of_their_sides_and_rings_around_errors(records):
    painter = CasePainter(records, 'pictures')
    grey = np.full((120, 200, 3), GREY, np.uint8)
    kinds = np.zeros(17, int)
    kinds[[LEFT_ANKLE, RIGHT_ANKLE]] = 2
    drawn = painter.draw(grey, 0, 0, kinds)
    assert list(drawn) == ['label', 'prediction']
    assert all(count_of(picture, side) > 20 for picture in drawn.values() for side in SIDES)
    assert count_of(drawn['prediction'], 'inversion') > 50
    assert count_of(drawn['label'], 'inversion') == 0
    # 40 x 80 pixels and a fifth of the longer side around them, as far as there is a picture
    assert drawn['label'].shape == (480, round(480 * 66 / 112), 3)


def test_predictions_of_unlabelled_keypoints_are_faint(records):
    painter = CasePainter(records, None)
    kinds = np.zeros(17, int)
    drawn = painter.draw(np.full((120, 200, 3), GREY, np.uint8), 1, 1, kinds)
    scale = drawn['label'].shape[0] / 112
    x, y = np.round((np.array([140.0, 20]) - (104, 4) + 0.5) * scale - 0.5).astype(int)  # the nose
    assert (drawn['label'][y, x] == GREY).all()
    assert not (drawn['prediction'][y, x] == GREY).all()
    assert tuple(drawn['prediction'][y, x]) != rgb('between')


def test_missing_pictures_are_told(files, capsys):
    assert main(['report', 'r.json', '--ann-file', 'ann.json']) == 0
    note = capsys.readouterr().out.splitlines()[-1]
    assert note == (
        'Note: 3 of 3 pictures of the worst cases were not found (1.png), and these are drawn on '
        'blank; say by --img-prefix FOLDER where they are.'
    )
    page = page_of('r.html')
    assert '1.png, not found' in page.texts
    assert len(page.pictures) == 4


def test_where_pictures_are_looked_for(files):
    assert find_picture('', 'pictures') is None
    assert find_picture('1.png', None) is None
    assert find_picture('pictures/1.png', None) == Path('pictures/1.png')
    assert find_picture('1.png', 'pictures') == Path('pictures/1.png')
    assert find_picture('/elsewhere/2.png', 'pictures') == Path('pictures/2.png')


@pytest.mark.parametrize('place', [1e9, -1e9, 400.0], ids=['far', 'near', 'outside'])
def test_poses_outside_of_the_picture(records, place):
    records.dts.keypoints[:] = place
    painter = CasePainter(records, None)
    kinds = np.full(17, 4)
    for image in (np.full((120, 200, 3), GREY, np.uint8), None):
        assert set(painter.draw(image, 0, 0, kinds)) == {'label', 'prediction'}
        assert min(painter.draw(image, None, 0, kinds)['prediction'].shape[:2]) > 0


def test_pose_records(records, capsys):
    records.save('kept.npz')
    argv = ['kept.npz', '--out', 'pages/kept.html', '--img-prefix', 'pictures']
    assert main(['report', *argv]) == 0
    assert 'The page is in pages/kept.html.' in capsys.readouterr().out
    assert 'Report on kept.npz' in page_of('pages/kept.html').texts


def test_options(records, capsys):
    records.save('r.npz')
    argv = ['report', 'r.npz', '--no-html', '--worst', '2', '--pck-thr', '0.2', '--json', 'n.json']
    assert main(argv) == 0
    report = json.loads(Path('n.json').read_text())
    assert [case['kind'] for case in report['worst']] == ['wrong pose', 'missed']
    assert report == json.loads(json.dumps(analyse(records, 0.2, 2)))
    assert not Path('r.html').exists()
    assert 'The page' not in capsys.readouterr().out


def test_no_predictions_at_all(files, capsys):
    dump('r.json', [])
    assert main(['report', 'r.json', '--ann-file', 'ann.json']) == 0
    assert 'r.json has no predictions, so every instance is missed.' in capsys.readouterr().out
    texts = page_of('r.html').texts
    assert 'No keypoint could be judged.' in texts
    assert len(page_of('r.html').pictures) == 3


def test_a_data_set_without_sigmas_and_links(records):
    K = len(records.keypoint_names)
    bare = PoseRecords(
        **{name: getattr(records, name) for name in ('image_ids', 'image_paths', 'crowd_index')},
        **{name: getattr(records, name) for name in ('gts', 'dts', 'keypoint_scores')},
        dataset_name='',
        keypoint_names=[f'<{k}>' for k in range(K)],
        flip_indices=None,
        sigmas=None,
        skeleton_links=[],
        pairs=[0, 1, 2],
    )
    report = analyse(bare)
    text = report_page('x & y', report, CasePainter(bare).cards(report['worst']))
    page = Page(text)
    assert page.open_tags == []
    assert '<3>' in page.texts
    assert any('has no sigmas, so 0.05 is assumed' in words for words in page.texts)
    assert 'Report on x & y' in page.texts


def test_bars():
    shares = dict(good=0.5, jitter=0.25, inversion=0.0, swap=None, miss=0.25)
    widths = re.findall(r'class="(\w+)" style="width:([\d.]+)%"', stacked_bar(shares))
    assert widths == [('good', '50.000'), ('jitter', '25.000'), ('miss', '25.000')]
    mended = dict(jitter=0.75, inversion=0.4, swap=None, miss=0.5, all=1.0)
    text = gains(0.5, mended)
    widths = re.findall(r'class="(\w+)" style="width:([\d.]+)%"', text)
    assert widths[2:4] == [('base', '50.000'), ('jitter', '25.000')]
    assert widths[4:6] == [('base', '50.000'), ('inversion', '0.000')]
    assert re.findall(r'"quiet">([^<]*)<', text) == ['', '+0.250', '-0.100', '+0.000', '+0.500']


def test_reliability_diagram():
    empty = dict(low=0.0, high=0.5, count=0, score=None, quality=None)
    full = dict(low=0.5, high=1.0, count=1234, score=0.75, quality=0.5)
    text = reliability([empty, full], 'quality', 'poses')
    # the square is 280 wide, its left top corner is (40, 8)
    assert 'cx="250.0" cy="148.0" r="9.0"' in text
    assert 'score 0.5 to 1.0: 1234 poses, mean score 0.750, quality 0.500' in text
    assert re.findall(r'height="([\d.]+)"', text) == ['0.0', '44.0']
    assert '>1.2k<' in text
    assert text.count('<circle') == 1


def test_numbers_as_they_are_shown():
    assert (number(0.12345), number(2.0, 1), number(None)) == ('0.123', '2.0', '\N{EN DASH}')
    assert (percent(0.1234), percent(None)) == ('12.3 %', '\N{EN DASH}')
