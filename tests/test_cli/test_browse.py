"""``mmpose browse`` draws the items of a data set, before, in and behind its pipeline."""

import argparse
import base64
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import cv2
import numpy as np
import pytest
from mmengine.config import Config

from mmpose.cli.browse import add_arguments
from mmpose.cli.browsing.drawing import SampleDrawer, describe
from mmpose.cli.browsing.page import page
from mmpose.cli.main import main
from mmpose.cli.stages import Stage, leaves, watched
from mmpose.registry import DATASETS
from mmpose.structures.bbox import get_warp_matrix
from mmpose.structures.metainfo import parse_pose_metainfo

GREY = 128


@pytest.fixture(autouse=True)
def no_display(monkeypatch):
    monkeypatch.delenv('DISPLAY', raising=False)
    monkeypatch.delenv('WAYLAND_DISPLAY', raising=False)


@pytest.fixture
def drawer():
    return SampleDrawer([parse_pose_metainfo(dict(from_file='configs/_base_/datasets/coco.py'))])


def sample(**values):
    """An item of one instance in a grey picture of 320 x 256, so large that it keeps its size."""
    points = np.zeros((1, 17, 2), np.float32)
    points[0, 0] = (100, 50)
    visible = np.zeros((1, 17), np.float32)
    visible[0, 0] = 1
    img = np.full((256, 320, 3), GREY, np.uint8)
    return dict(img=img, keypoints=points, keypoints_visible=visible, **values)


def changed(picture):
    """Where a drawing differs from the grey picture."""
    return (picture != GREY).any(axis=-1)


def test_a_folder_of_crops(tiny_project, capsys):
    assert main(['browse', 'tiny.py', '--out', 'drawn', '--number', '3']) == 0
    assert 'Drawn: 3 items, in drawn' in capsys.readouterr().out
    files = sorted(Path('drawn').iterdir())
    assert len(files) == 3
    assert all(re.fullmatch(r'\d\d_0000000\d\.jpg', file.name) for file in files)
    # the crop of 64 x 64 enlarged, with the heatmaps beside it
    assert {cv2.imread(str(file)).shape for file in files} == {(256, 512, 3)}


def test_the_seed_chooses_items(tiny_project):
    def names(seed):
        main(['browse', 'tiny.py', '--out', f's{seed}', '--number', '4', '--seed', seed])
        return sorted(file.name for file in Path(f's{seed}').iterdir())

    first = names('1')
    assert names('1') == first
    assert any(names(seed) != first for seed in '23')


class Cards(HTMLParser):
    """The pictures and the captions of a page."""

    def __init__(self, text):
        super().__init__()
        self.images, self.words, self.open_tags = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        if tag == 'img':
            data = base64.b64decode(dict(attrs)['src'].removeprefix('data:image/jpeg;base64,'))
            self.images.append(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR))
        elif tag != 'meta':
            self.open_tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open_tags.pop() == tag

    def handle_data(self, data):
        if self.open_tags and self.open_tags[-1] in ('dt', 'dd'):
            self.words.append(data)


def test_a_page_of_labelled_pictures(tiny_project):
    out = 'pages/all.html'
    assert main(['browse', 'tiny.py', '--mode', 'original', '--out', out]) == 0
    cards = Cards(Path(out).read_text())
    assert cards.open_tags == []
    assert len(cards.images) == 10
    assert {image.shape for image in cards.images} == {(256, 341, 3)}  # of 160 x 120
    caption = dict(zip(cards.words[::2], cards.words[1::2], strict=True))
    assert caption.keys() == {'item', 'file', 'image id', 'id', 'box', 'keypoints'}
    assert (caption['item'], caption['file'], caption['id']) == ('9', '00000004.jpg', '10')
    assert re.fullmatch(r'\d+ of 17 labelled', caption['keypoints'])


def test_a_page_escapes_what_it_shows():
    text = page('<b>', 'a & b', [(np.zeros((2, 2, 3), np.uint8), {'file': '"<i>"'})], wide=False)
    assert '<b>' not in text
    assert 'a &amp; b' in text
    assert 'alt="&quot;&lt;i&gt;&quot;"' in text


def test_the_stages_of_a_pipeline(tiny_project):
    cfg = Config.fromfile('tiny.py')
    dataset = DATASETS.build(cfg.train_dataloader.dataset)
    before = list(dataset.pipeline.transforms)
    with watched(dataset, ('img', 'bbox_scale', 'heatmaps')) as log:
        dataset[0]
    assert [stage.name for stage in log.stages] == [
        *('', 'LoadImage', 'GetBBoxCenterScale', 'TopdownAffine', 'GenerateTarget'),
        'PackPoseInputs',
    ]
    assert [sorted(stage.sample) for stage in log.stages] == [
        *([], ['img'], ['bbox_scale', 'img'], ['bbox_scale', 'img']),
        *(['bbox_scale', 'heatmaps', 'img'], []),
    ]
    assert log.stages[2].sample['img'].shape == (120, 160, 3)
    assert log.stages[3].sample['img'].shape == (64, 64, 3)
    assert dataset.pipeline.transforms == before


def test_stages_of_wrapped_data_sets_and_of_an_item_given_up():
    class Inner:
        def __init__(self):
            self.pipeline = type('Pipeline', (), {})()
            self.pipeline.transforms = [self.first]

        def first(self, sample):
            return sample

        def draw(self, sample):
            for transform in self.pipeline.transforms:
                sample = sample and transform(sample)
            return sample

    inner, outer = Inner(), Inner()
    outer.datasets = [inner]
    outer.pipeline.transforms = [lambda s: None if s['n'] == 0 else dict(s, n=s['n'] * 10)]
    assert [place for place, _ in leaves(outer)] == ['dataset.datasets[0]']
    with watched(outer, ('n',)) as log:
        for n in (0, 3):
            outer.draw(inner.draw(dict(n=n)))
    assert [stage.sample for stage in log.stages] == [dict(n=3), dict(n=3), dict(n=30)]


def test_pipeline_mode(tiny_project):
    assert main(['browse', 'tiny.py', '--mode', 'pipeline', '--number', '1', '--out', 'p']) == 0
    (file,) = Path('p').iterdir()
    # LoadImage and GetBBoxCenterScale 426 wide, TopdownAffine 320; GenerateTarget in a new row
    assert cv2.imread(str(file)).shape == (2 * (30 + 320 + 8), 2 * 426 + 320 + 3 * 8, 3)


def test_original_mode_does_without_the_transforms(tiny_project):
    broken = 'train_dataloader.dataset.pipeline.1.type=NoSuchTransform'
    argv = ['browse', 'tiny.py', '--mode', 'original', '--number', '1', '--out', 'o']
    assert main([*argv, '--cfg-options', broken]) == 0
    (file,) = Path('o').iterdir()
    assert cv2.imread(str(file)).shape == (256, 341, 3)


def test_a_data_set_that_cannot_be_built(tiny_project, capsys):
    options = ['--cfg-options', 'train_dataloader.dataset.ann_file=no.json']
    assert main(['browse', 'tiny.py', '--out', 'o', *options]) == 1
    error = capsys.readouterr().err
    assert error.startswith('error: train_dataloader.dataset cannot be built: FileNotFoundError')
    assert '`mmpose check` lists all that is wrong.' in error
    (tiny_project / 'none.py').write_text("_base_ = './tiny.py'\ntest_dataloader = None\n")
    assert main(['browse', 'none.py', '--out', 'o', '--phase', 'test']) == 1
    assert 'the config has no test_dataloader with a dataset' in capsys.readouterr().err


def test_items_that_fail_are_told_and_the_others_drawn(tiny_project, tiny_data, capsys):
    shutil.copytree(tiny_data, 'broken')
    gone = sorted(Path('broken/train').iterdir())[2]
    gone.unlink()
    option = 'train_dataloader.dataset.data_root=broken/'
    assert main(['browse', 'tiny.py', '--out', 'o.html', '--cfg-options', option]) == 1
    captured = capsys.readouterr()
    assert 'Drawn: 8 items' in captured.out
    assert 'items of train_dataloader.dataset could not be drawn:\n- 4, 5: LoadImage: ' in (
        captured.err
    )
    assert gone.name in captured.err
    assert len(Cards(Path('o.html').read_text()).images) == 8


@pytest.mark.parametrize(
    ('argv', 'message'),
    [
        ([], 'this machine has no display to show windows on; give --out'),
        (['--out', 'o', '--show'], 'this machine has no display'),
        (['--not-show'], '--not-show leaves nothing to do without --out.'),
        (['--not-show', '--show', '--out', 'o'], '--not-show contradicts --show.'),
        (['--out', 'o', '--number', '0'], '--number is 0; give 1 or more.'),
    ],
    ids=['no display', 'show', 'nothing to do', 'contradiction', 'number'],
)
def test_bad_arguments(tiny_project, capsys, argv, message):
    assert main(['browse', 'tiny.py', *argv]) == 1
    assert f'error: {message}' in capsys.readouterr().err


def test_windows(tiny_project, monkeypatch, capsys):
    shown = []
    monkeypatch.setenv('DISPLAY', ':0')
    monkeypatch.setattr(cv2, 'namedWindow', lambda *args: None)
    monkeypatch.setattr(cv2, 'imshow', lambda name, picture: shown.append(picture.shape))
    monkeypatch.setattr(cv2, 'waitKey', shown.append)
    assert main(['browse', 'tiny.py', '--number', '2', '--show-interval', '0.5']) == 0
    assert shown == [(256, 512, 3), 500, (256, 512, 3), 500]
    assert capsys.readouterr().out.endswith('Drawn: 2 items\n')


def test_the_options_of_1x():
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    argv = 'c.py --output-dir o --not-show --phase val --mode pipeline --show-interval 1'
    args = parser.parse_args([*argv.split(), '--cfg-options', 'a.b=1'])
    assert (args.out, args.not_show, args.phase, args.mode) == ('o', True, 'val', 'pipeline')
    defaults = parser.parse_args(['c.py'])
    assert (defaults.phase, defaults.mode, defaults.show_interval) == ('train', 'transformed', 2)
    assert (defaults.out, defaults.not_show) == (None, False)


@pytest.mark.slow
def test_the_script_of_1x(tiny_project):
    script = Path(__file__).parents[2] / 'tools/misc/browse_dataset.py'
    command = [sys.executable, str(script), 'tiny.py', '--not-show', '--output-dir', 'o']
    subprocess.run(command, check=True)
    assert len(list(Path('o').iterdir())) == 10


def test_boxes_keypoints_and_the_region_to_crop(drawer):
    drawn = changed(drawer.draw(sample()))
    ys, xs = np.nonzero(drawn)
    assert (xs.mean(), ys.mean()) == pytest.approx((100, 50), abs=0.1)
    drawn = changed(drawer.draw(sample(bbox=np.array([[60, 20, 140, 180]]))))
    assert drawn[20, 60:141].all()
    assert drawn[20:181, 140].all()
    # a region of 80 x 40 around (200, 150), turned by a quarter, is 40 wide and 80 high
    region = dict(
        bbox_center=np.array([[200.0, 150.0]]),
        bbox_scale=np.array([[80.0, 40.0]]),
        bbox_rotation=np.array([90.0]),
    )
    drawn = changed(drawer.draw(sample(**region)))
    ys, xs = np.nonzero(drawn[:, 160:])
    assert (xs.min() + 160, xs.max() + 160) == pytest.approx((180, 220), abs=2)
    assert (ys.min(), ys.max()) == pytest.approx((110, 190), abs=2)


def test_the_outline_is_the_border_of_the_crop(drawer):
    center, scale, angle = np.array([[160.0, 128.0]]), np.array([[80.0, 40.0]]), 30.0
    item = sample(bbox_center=center, bbox_scale=scale, bbox_rotation=np.array([angle]))
    item['keypoints_visible'][:] = 0
    outline = np.argwhere(changed(drawer.draw(item)))[:, ::-1]
    matrix = get_warp_matrix(center[0], scale[0], angle, output_size=(80, 40))
    x, y = (outline @ matrix[:, :2].T + matrix[:, 2]).T
    to_border = np.minimum(np.minimum(abs(x), abs(x - 80)), np.minimum(abs(y), abs(y - 40)))
    assert to_border.max() < 3
    assert (x.min(), x.max(), y.min(), y.max()) == pytest.approx((0, 80, 0, 40), abs=3)


def test_masks_and_heatmaps(drawer):
    heatmaps = np.zeros((51, 64, 80), np.float32)  # UDP: each with two offsets
    heatmaps[0, 10, 20] = 1
    heatmaps[1] = 5
    mask = np.ones((64, 80), bool)
    mask[:, 40:] = False
    drawn = drawer.draw(sample(heatmaps=heatmaps, heatmap_mask=mask))
    assert drawn.shape == (256, 640, 3)
    assert (drawn[200, 10] == GREY).all()
    assert (drawn[200, 300] == int(GREY * 0.35)).all()
    overlay = drawn[:, 320:]
    red = overlay[..., 0].astype(int) - overlay[..., 2]
    y, x = np.unravel_index(red.argmax(), red.shape)
    assert (x, y) == pytest.approx((4 * 20.5, 4 * 10.5), abs=3)
    levels = [heatmaps[:17], np.zeros((17, 32, 40), np.float32)]
    assert drawer.draw(sample(heatmaps=levels)).shape == (256, 640, 3)


def test_poses_without_a_picture(drawer):
    points = np.zeros((3, 17, 2), np.float32)
    points[:, 1] = (1, 2)  # far away from each other, as they are drawn
    drawn = drawer.draw(dict(keypoints=points))
    assert drawn.shape == (480, 480, 3)
    ys, xs = np.nonzero((drawn != 255).any(axis=-1))
    assert ys.max() - ys.min() == pytest.approx(0.85 * 480, abs=10)
    assert xs.max() - xs.min() == pytest.approx(0.85 * 240, abs=10)
    strip = drawer.strip([Stage('', dict(keypoints=points)), Stage('Pack', {})])
    assert strip.shape == (30 + 320 + 8, 320 + 8, 3)


def test_detected_boxes_have_no_keypoints(drawer):
    item = sample(bbox=np.array([[60, 20, 140, 180]], np.float32))
    item.update(keypoints=np.zeros((1, 17, 2)), keypoints_visible=np.ones((1, 17)))
    assert not changed(drawer.draw(item))[:15].any()
    assert describe(item)['keypoints'] == '0 of 17 labelled'


def test_keypoints_of_no_known_skeleton(drawer):
    item = sample()
    item.update(keypoints=np.full((1, 5, 2), 100.0), keypoints_visible=np.ones((1, 5)))
    assert changed(drawer.draw(item))[100, 100]


def test_captions():
    box = np.array([[1, 2, 3.6, 4]])
    assert describe(sample(img_path='x/a.jpg', img_id=7, id=9, bbox=box)) == {
        'file': 'a.jpg',
        'image id': '7',
        'id': '9',
        'box': '1, 2, 4, 4',
        'keypoints': '1 of 17 labelled',
    }
    many = describe(dict(img_paths=['a.jpg', 'b.jpg'], id=[1, 2], bbox=np.zeros((2, 4))))
    assert many == {'file': 'a.jpg and 1 more', 'id': '1, 2', 'boxes': '2'}
