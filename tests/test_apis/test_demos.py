import json
import runpy
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from mmpose.apis import init_model
from mmpose.apis.detectors.published import find_published
from mmpose.registry import MODELS
from mmpose.results import PoseResult, read_results
from mmpose.utils.config_reading import read_config
from mmpose.utils.resources import resource_path

DEMOS = Path(__file__).parents[2] / 'demo'
BOX = ('--bboxes', 5, 5, 50, 50)
DEKR = 'configs/body_2d_keypoint/dekr/coco/dekr_hrnet-w32_8xb10-140e_coco-512x512.py'
DETECTOR = 'demo/mmdetection_cfg/rtmdet_nano_320-8xb32_coco-person.py'


@pytest.fixture
def run(monkeypatch):
    """Runs a script as `python demo/NAME.py ARGS` does."""
    monkeypatch.syspath_prepend(str(DEMOS))

    def run(name, *args):
        demo = runpy.run_path(str(DEMOS / f'{name}.py'))
        demo['main'](demo['parse_args']([str(arg) for arg in args]))

    return run


@pytest.fixture
def config_file(config, tmp_path):
    path = tmp_path / 'config.py'
    config.dump(path)
    return path


@pytest.fixture(scope='session')
def clip(tmp_path_factory):
    """Two seconds of video, 5 frames each."""
    path = tmp_path_factory.mktemp('clips') / 'clip.mp4'
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*'mp4v'), 5, (120, 80))
    rng = np.random.default_rng(0)
    for _ in range(10):
        writer.write(cv2.resize(rng.integers(0, 256, (8, 12, 3), dtype=np.uint8), (120, 80)))
    writer.release()
    return path


@pytest.fixture(scope='session')
def detector_weights(tmp_path_factory):
    """Of an RTMDet that sees people of 24 pixels everywhere."""
    model = MODELS.build(find_published('rtmdet-nano').config(1)['model'])
    with torch.no_grad():
        for layer in (*model.bbox_head.rtm_reg, *model.bbox_head.rtm_cls):
            layer.bias.fill_(2)
    path = tmp_path_factory.mktemp('detector') / 'detector.pth'
    torch.save(dict(state_dict=model.state_dict()), path)
    return path


@pytest.fixture(scope='session')
def bottomup_files(tmp_path_factory):
    """The config and random weights of a small DEKR."""
    folder = tmp_path_factory.mktemp('bottomup')
    config = read_config(resource_path(DEKR))
    model = config.model
    model.neck = None
    model.backbone = dict(
        type='ResNet', depth=18, stem_channels=8, base_channels=8, out_indices=(0,)
    )
    model.head.update(in_channels=8, num_heatmap_filters=4, rescore_cfg=None)
    model.head.decoder.update(input_size=(64, 64), heatmap_size=(16, 16))
    config.test_dataloader.dataset.pipeline[1].input_size = (64, 64)
    config.dump(folder / 'config.py')
    torch.manual_seed(0)
    model = init_model(config, device='cpu')
    torch.save(dict(state_dict=model.state_dict()), folder / 'weights.pth')
    return folder / 'config.py', folder / 'weights.pth'


def frames_of(path):
    capture = cv2.VideoCapture(str(path))
    return sum(1 for _ in iter(lambda: capture.read()[0], False))


def test_image_demo(run, config_file, checkpoint, folder, tmp_path):
    out = tmp_path / 'drawing.png'
    options = ['--out-file', out, '--device', 'cpu', '--draw-heatmap', '--kpt-thr', '-9']
    style = ['--show-kpt-idx', '--skeleton-style', 'openpose', '--radius', 4, '--thickness', 2]
    files = [folder / 'a.png', config_file, checkpoint]
    run('image_demo', *files, *options, *style, '--alpha', 0.5)
    assert cv2.imread(str(out)).shape == (180, 120, 3)


def test_inferencer_demo(run, config_file, checkpoint, folder, tmp_path):
    options = ['--pose2d', config_file, '--pose2d-weights', checkpoint, '--device', 'cpu']
    boxes = ['--bboxes', '[[5, 5, 50, 50]]', '--batch-size', 2]
    run('inferencer_demo', folder, *options, *boxes, '--out-dir', tmp_path / 'out')
    assert len(list((tmp_path / 'out' / 'predictions').glob('*.json'))) == 3
    assert len(list((tmp_path / 'out' / 'visualizations').glob('*.png'))) == 3


@pytest.mark.parametrize('suffix', ['.jsonl', '.csv', '.json', '.parquet'])
def test_inferencer_demo_on_a_video(
    run, config_file, checkpoint, detector_weights, clip, tmp_path, suffix, capsys
):
    models = ['--pose2d', config_file, '--pose2d-weights', checkpoint, '--det-model', DETECTOR]
    models += ['--det-weights', detector_weights, '--device', 'cpu', '--no-flip-test']
    options = ['--track', '--smooth', 'one_euro', '--det-every', 5, '--on-empty', 'skip']
    if suffix == '.parquet':
        pytest.importorskip('pyarrow')
    out = tmp_path / 'new' / f'poses{suffix}'
    drawings = ['--vis-out-dir', tmp_path / 'drawings']
    run('inferencer_demo', clip, *models, *options, '--nms-thr', 0.01, '--out', out, *drawings)
    results = read_results(out)
    assert capsys.readouterr().out.endswith('10 pictures were processed.\n')
    assert len(results) == frames_of(tmp_path / 'drawings' / 'clip.mp4') == 10
    assert min(len(results[i]) for i in (0, 5)) > 0  # which the detector sees
    assert len(results.by_track()) > 1


def test_inferencer_demo_leaves_out_boxes_of_other_classes(
    run, config_file, checkpoint, detector_weights, folder, tmp_path
):
    models = ['--pose2d', config_file, '--pose2d-weights', checkpoint, '--det-model', DETECTOR]
    models += ['--det-weights', detector_weights, '--device', 'cpu', '--bbox-thr', 0.95]
    out = tmp_path / 'poses.jsonl'
    for on_empty, count in (('skip', 0), ('whole_image', 1)):
        options = ['--det-cat-ids', 'all', '--on-empty', on_empty, '--out', out]
        run('inferencer_demo', folder / 'a.png', *models, *options)
        assert [len(result) for result in read_results(out)] == [count]


def test_defaults_of_the_inferencer_demo(run):
    parse = runpy.run_path(str(DEMOS / 'inferencer_demo.py'))['parse_args']

    def thresholds(*args):
        args = parse(['a.png', *args])
        return args.bbox_thr, args.nms_thr, args.pose_based_nms

    assert thresholds() == (0.3, 0.3, False)
    assert thresholds('--pose2d', 'rtmo-s') == (0.1, 0.65, True)
    assert thresholds('--pose2d', 'a/yoloxpose_s.py', '--nms-thr', '0.5') == (0.01, 0.5, True)
    assert thresholds('--pose2d', 'rtmo', '--pose-based-nms', 'False') == (0.1, 0.65, False)
    assert thresholds('--pose-based-nms') == (0.3, 0.3, True)
    assert parse(['a.png', '--det-cat-ids', '15', '16']).det_cat_ids == [15, 16]
    assert parse(['a.png', '--det-cat-ids', 'all']).det_cat_ids == 'all'
    assert parse(['a.png']).det_cat_ids == [0]


def test_topdown_demo_with_a_coco_file(run, config_file, checkpoint, folder, tmp_path):
    coco = dict(
        images=[dict(id=1, file_name='folder/a.png'), dict(id=2, file_name='b.png')],
        annotations=[
            dict(image_id=1, bbox=[5, 5, 40, 50]),
            dict(image_id=2, bbox=[1, 2, 30, 40]),
            dict(image_id=1, bbox=[9, 9, 30, 30]),
        ],
    )
    file = tmp_path / 'coco.json'
    file.write_text(json.dumps(coco))
    out = tmp_path / 'out'
    options = ['--input', folder, '--bboxes', file, '--output-root', out, '--save-predictions']
    run('topdown_demo', config_file, checkpoint, *options, '--device', 'cpu')
    boxes = {
        name: [one['bbox'][0] for one in json.loads((out / f'{name}.json').read_text())]
        for name in 'abc'
    }
    assert boxes == dict(a=[[5, 5, 45, 55], [9, 9, 39, 39]], b=[[1, 2, 31, 42]], c=[])
    assert sorted(p.name for p in out.glob('*.png')) == ['a.png', 'b.png', 'c.png']


def test_topdown_demo_needs_no_detector_beside_boxes(run, config_file, checkpoint, folder, capsys):
    models = ['det.py', 'det.pth', config_file, checkpoint]
    boxes = ['--bboxes', 5, 5, 50, 50, 10, 10, 60, 60]
    run('topdown_demo', *models, '--input', folder / 'a.png', *boxes, '--device', 'cpu')
    assert capsys.readouterr().out.splitlines()[-1] == 'a.png: 2 instances'


def test_topdown_demo_with_a_detector(
    run, config_file, checkpoint, detector_weights, clip, tmp_path, capsys
):
    models = [DETECTOR, detector_weights, config_file, checkpoint]
    options = ['--device', 'cpu', '--det-cat-id', 0, '--bbox-thr', 0.5, '--nms-thr', 0.01]
    drawing = ['--draw-bbox', '--show-kpt-idx', '--draw-heatmap', '--kpt-thr', -9]
    out = tmp_path / 'out'
    outputs = ['--output-root', out, '--save-predictions']
    run('topdown_demo', *models, '--input', clip, *options, *drawing, *outputs)
    frames = json.loads((out / 'clip.json').read_text())
    sizes = {
        (right - left, bottom - top)
        for frame in frames
        for one in frame['instances']
        for left, top, right, bottom in one['bbox']
    }
    assert len(frames) == frames_of(out / 'clip.mp4') == 10
    assert min(len(frame['instances']) for frame in frames) > 1  # more than the whole picture
    assert max(width for width, _ in sizes) < 120
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == f'clip.mp4, frame 9: {len(frames[9]["instances"])} instances'


def test_topdown_demo_writes_indices(run, config_file, checkpoint, folder, tmp_path):
    drawings = []
    for style in ([], ['--show-kpt-idx'], ['--alpha', 0.1]):
        options = ['--input', folder / 'a.png', *BOX, '--device', 'cpu', '--kpt-thr', -9, *style]
        run('topdown_demo', config_file, checkpoint, *options, '--output-root', tmp_path)
        drawings.append(cv2.imread(str(tmp_path / 'a.png')))
    assert (drawings[0] != drawings[1]).any()
    assert (drawings[0] != drawings[2]).any()


@pytest.mark.filterwarnings('ignore:The model looks at one instance')
def test_topdown_demo_asks_for_the_usual_detector(run, config_file, checkpoint, folder, capsys):
    with pytest.warns(UserWarning, match=r'The usual detector for body \(rtmdet-m\)'):
        run('topdown_demo', config_file, checkpoint, '--input', folder / 'a.png', '--device', 'cpu')
    assert capsys.readouterr().out.splitlines()[-1] == 'a.png: 1 instances'


def test_bottomup_demo(run, bottomup_files, folder, clip, tmp_path, capsys):
    out = tmp_path / 'out'
    options = ['--device', 'cpu', '--output-root', out, '--save-predictions', '--kpt-thr', 0]
    drawing = ['--draw-heatmap', '--show-kpt-idx', '--draw-bbox', '--radius', 2, '--thickness', 2]
    run('bottomup_demo', *bottomup_files, '--input', folder / 'a.png', *options, *drawing)
    people = json.loads((out / 'a.json').read_text())
    assert people
    assert all(np.shape(one['keypoints']) == (17, 2) for one in people)
    assert cv2.imread(str(out / 'a.png')).shape == (180, 120, 3)
    assert capsys.readouterr().out.splitlines()[-1] == f'a.png: {len(people)} instances'

    options += ['--skeleton-style', 'openpose', '--pose-based-nms']
    run('bottomup_demo', *bottomup_files, '--input', clip, *options)
    assert len(json.loads((out / 'clip.json').read_text())) == frames_of(out / 'clip.mp4') == 10


def test_models_of_the_other_mode(run, config_file, checkpoint, bottomup_files):
    with pytest.raises(SystemExit, match=r'a topdown model; demo/topdown_demo\.py runs it'):
        run('bottomup_demo', config_file, checkpoint, '--input', 'a.png', '--device', 'cpu')
    with pytest.raises(SystemExit, match=r'a bottomup model; demo/bottomup_demo\.py runs it'):
        run('topdown_demo', *bottomup_files, '--input', 'a.png', *BOX, '--device', 'cpu')


def test_an_interrupt_ends_the_report(run, capsys):
    def results():
        yield PoseResult([[[1, 2]]], [[1]], ['nose'], source='a/b.mp4', frame_index=3)
        raise KeyboardInterrupt

    runpy.run_path(str(DEMOS / '_options.py'))['report'](results())
    first, last = capsys.readouterr().out.splitlines()
    assert first == 'b.mp4, frame 3: 1 instances'
    assert last == 'Interrupted; what is written until here is whole.'


def test_windows_of_videos_do_not_wait_for_keys(run):
    options = runpy.run_path(str(DEMOS / '_options.py'))
    parse = runpy.run_path(str(DEMOS / 'bottomup_demo.py'))['parse_args']

    def wait_time(*args):
        return options['stream_options'](parse(['a.py', 'a.pth', '--input', *args]))['wait_time']

    assert [wait_time(name) for name in ('a.png', 'a.mp4', 'webcam:1')] == [0, 0.001, 0.001]
    assert wait_time('a.mp4', '--show-interval', '2') == 2


@pytest.mark.parametrize(
    ('demo', 'args', 'message'),
    [
        ('topdown_demo', ['a', '--input', 'b'], 'give the config and the checkpoint of the pose'),
        ('topdown_demo', ['a', 'b', '--input', 'c', '--bboxes', 1, 2], '--bboxes has 2 numbers'),
        ('topdown_demo', ['a', 'b', '--input', 'webcam', '--bboxes', 'c.json'], 'of a camera'),
        (
            'bottomup_demo',
            ['a', 'b', '--input', 'c', '--save-predictions'],
            '--save-predictions writes nothing without --output-root',
        ),
        ('inferencer_demo', [], 'give a picture, a folder of pictures, a video or a camera'),
        ('inferencer_demo', ['a.png', '--out', 'b.txt'], '--out b.txt must end in .jsonl'),
        ('inferencer_demo', ['a.png', '--det-cat-ids', 'people'], 'invalid'),
    ],
)
def test_faulty_command_lines_of_2d_demos(run, demo, args, message, capsys):
    with pytest.raises(SystemExit):
        run(demo, *args)
    assert message in ' '.join(capsys.readouterr().err.split())


def test_scripts_run_from_any_folder(tmp_path):
    command = [sys.executable, str(DEMOS / 'topdown_demo.py'), '--help']
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert '--det-cat-id' in done.stdout
