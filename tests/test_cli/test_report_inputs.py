"""``mmpose report`` reads results of all kinds, and says what is wrong with others."""

from pathlib import Path

import numpy as np
import pytest
from mmengine.config import Config
from mmengine.evaluator import DumpResults
from mmengine.structures import InstanceData
from report_files import NAMES, data_samples, data_set, dump, person, predictions, write_files

from mmpose.cli.main import main
from mmpose.cli.reporting.results import read_results
from mmpose.cli.reporting.skeletons import find_metainfo
from mmpose.evaluation.analysis import analyse
from mmpose.registry import DATASETS
from mmpose.structures.keypoint import WHOLEBODY_FIELDS


@pytest.fixture
def files(tmp_path, monkeypatch):
    """A folder to work in, with ``r.json``, ``ann.json`` and ``pictures``."""
    monkeypatch.chdir(tmp_path)
    write_files(tmp_path)


@pytest.fixture
def records(files):
    return read_results('r.json', 'ann.json', None).records


def same(a, b):
    """Whether records have the same poses and labels, in whatever order of predictions."""
    order_a, order_b = (np.argsort(-r.dts.scores) for r in (a, b))
    np.testing.assert_allclose(a.dts.scores[order_a], b.dts.scores[order_b])
    np.testing.assert_allclose(a.dts.keypoints[order_a], b.dts.keypoints[order_b])
    np.testing.assert_allclose(a.dts.areas[order_a], b.dts.areas[order_b])
    np.testing.assert_array_equal(a.gts.keypoints, b.gts.keypoints)
    np.testing.assert_array_equal(a.sigmas, b.sigmas)
    return a.keypoint_names == b.keypoint_names and a.image_ids.tolist() == b.image_ids.tolist()


@pytest.mark.parametrize('ann_file', [None, 'ann.json'], ids=['own labels', 'annotation file'])
def test_dumped_predictions(records, ann_file):
    dump('p.pkl', data_samples())
    found, notices = read_results('p.pkl', ann_file, None)
    assert same(found, records)
    assert found.image_paths == ['pictures/1.png', 'pictures/2.png']
    assert notices == [
        'Poses are scored and thinned out as CocoMetric does by default. Where the config sets '
        '`score_mode` or `nms_mode`, `mmpose test --report` follows it.'
    ]


def test_what_the_test_loop_dumps(tiny_project):
    cfg = Config.fromfile('tiny.py')
    dataset = DATASETS.build(cfg.test_dataloader.dataset)
    samples = []
    for item in dataset:
        sample, truth = item['data_samples'], item['data_samples'].gt_instances
        sample.pred_instances = InstanceData(
            keypoints=truth.keypoints,
            keypoint_scores=np.ones((1, 17), np.float32),
            bbox_scores=np.ones(1, np.float32),
        )
        samples.append(sample.to_dict())
    metric = DumpResults('p.pkl')
    metric.process({}, samples)
    metric.evaluate(size=len(samples))
    found = read_results('p.pkl', None, None).records
    assert found.dataset_name == 'coco'
    assert all(Path(path).is_file() for path in found.image_paths)
    assert analyse(found)['numbers']['AP'] == pytest.approx(1)


def test_dumped_predictions_without_scores_of_boxes(records):
    samples = data_samples()
    for sample in samples:
        del sample['pred_instances']['bbox_scores']
    dump('p.pickle', samples)
    assert same(read_results('p.pickle', None, None).records, records)


def test_dumped_duplicates_are_thinned_out_and_repetitions_count_once(records):
    samples = data_samples()
    dump('p.pkl', [*samples, samples[0], dict(samples[0], id=9)])
    assert same(read_results('p.pkl', None, None).records, records)


def whole_body(entry):
    """An entry with the other parts, 100 x part + index as every number."""
    return entry | {
        name: [100.0 * part + i for i in range(3 * count)]
        for part, (name, count) in enumerate(WHOLEBODY_FIELDS.items())
        if name != 'keypoints'
    }


def test_whole_bodies_are_joined_in_order(files):
    dump('r.json', [whole_body(entry) for entry in predictions()])
    data = data_set()
    data['annotations'] = [whole_body(ann) for ann in data['annotations']]
    dump('ann.json', data)
    found, notices = read_results('r.json', 'ann.json', None)
    assert found.dataset_name == 'coco_wholebody'
    assert notices == []
    points = found.dts.keypoints[1]
    assert points.shape == (133, 2)
    np.testing.assert_array_equal(points[:17], person(120, 10))
    assert points[17].tolist() == [100, 101]
    assert points[[23, 91, 112, 132]].tolist() == [[200, 201], [300, 301], [400, 401], [460, 461]]
    assert found.dts.areas[1] == 40 * 80  # of the body alone
    assert found.gts.keypoints.shape == (3, 133, 3)


def test_annotations_without_area_and_with_crowd_index(files):
    data = data_set()
    for ann in data['annotations']:
        del ann['area']
    for image in data['images']:
        image['crowdIndex'] = 0.5
    dump('ann.json', data)
    found, notices = read_results('r.json', 'ann.json', None)
    assert found.gts.areas.tolist() == pytest.approx([0.53 * 40 * 80] * 3)
    assert found.crowd_index.tolist() == [0.5, 0.5]
    assert notices == ['Annotations have no `area`, for which 0.53 times that of the box is taken.']


def test_results_of_other_images_are_told(files):
    dump('r.json', [*predictions(), dict(predictions()[0], image_id=5)])
    found, notices = read_results('r.json', 'ann.json', None)
    assert len(found.dts.scores) == 3
    assert notices == [
        '1 of 4 predictions are left out, for their images are not among the annotated ones: 5.'
    ]


def test_definitions_that_fit():
    meta, notice = find_metainfo(None, 17, NAMES)
    assert (meta['dataset_name'], notice) == ('coco', None)
    spelled = [name.replace('_', ' ').title() for name in NAMES]
    assert find_metainfo(None, 17, spelled)[1] is None
    assert find_metainfo(None, 133, NAMES)[0]['dataset_name'] == 'coco_wholebody'
    assert find_metainfo(None, 14, (), 'crowdpose')[0]['dataset_name'] == 'crowdpose'
    given = find_metainfo('configs/_base_/datasets/ap10k.py', 17, NAMES)
    assert (given[0]['dataset_name'], given[1]) == ('ap10k', None)


def test_definitions_that_are_guessed():
    meta, notice = find_metainfo(None, 17)
    assert meta['dataset_name'] == 'coco'
    assert notice.startswith('The 17 keypoints have no names and are taken for those of COCO; if')
    notice = find_metainfo(None, 17, [f'part {k}' for k in range(17)])[1]
    assert notice.startswith('The 17 keypoints have other names than in any shipped definition')


OTHER_K = [dict(entry, keypoints=entry['keypoints'][:15]) for entry in predictions()]
OTHER_IDS = [dict(entry, image_id=entry['image_id'] + 90) for entry in predictions()]


@pytest.mark.parametrize(
    ('name', 'content', 'options', 'message'),
    [
        ('a.txt', '', '', 'a.txt ends in none of .npz, .json, .pkl, .pickle; give pose records'),
        ('gone.npz', None, '', 'gone.npz: No such file or directory'),
        ('gone.json', None, '', 'gone.json: No such file or directory'),
        ('a.npz', 'text', '', 'a.npz is no file of pose records; expected one that'),
        ('a.npz', 'text', '--ann-file ann.json', '--ann-file is given, but pose records (a.npz)'),
        ('a.json', '{', '', 'a.json is not JSON: '),
        ('a.json', {'coco/AP': 0.5}, '', 'a.json is no COCO result file; expected a list of'),
        ('a.json', [{'image_id': 1}], '', 'a.json is no COCO result file; expected a list of'),
        ('a.json', data_set(), '', 'a.json is an annotation file; give the results first'),
        ('r.json', None, '', 'r.json has predictions only; give the labels by --ann-file'),
        ('r.json', None, '--ann-file r.json', '--ann-file r.json is no COCO annotation file;'),
        ('r.json', None, '--ann-file no.json', 'no.json: No such file or directory'),
        (
            'a.json',
            OTHER_K,
            '--ann-file ann.json',
            'a.json has 5 keypoints, ann.json has 17; give the annotations of the data set',
        ),
        (
            'a.json',
            [*predictions(), *OTHER_K],
            '--ann-file ann.json',
            'a.json: results have 15, 51 keypoint numbers; expected x, y and score of each',
        ),
        (
            'a.json',
            OTHER_IDS,
            '--ann-file ann.json',
            'no prediction is of an annotated image: a.json has the image ids 91, 92, ann.json '
            'has 1, 2; give the annotation file that the model was tested on by --ann-file.',
        ),
        (
            'a.json',
            [*predictions(), *(dict(entry, image_id='1') for entry in predictions())],
            '--ann-file ann.json',
            'a.json is no COCO result file: TypeError: The results have image ids of type int',
        ),
        (
            'a.json',
            [dict(predictions()[0], score='high')],
            '--ann-file ann.json',
            "a.json is no COCO result file: could not convert string to float: 'high'",
        ),
        (
            'a.json',
            [dict(predictions()[0], score=float('nan'))],
            '--ann-file ann.json',
            'a.json with ann.json: dts.scores has values that are not finite',
        ),
        (
            'r.json',
            None,
            '--ann-file ann.json --metainfo no.py',
            '--metainfo: there is no file no.py.',
        ),
        (
            'r.json',
            None,
            '--ann-file ann.json --metainfo configs/_base_/datasets/mpii.py',
            '--metainfo configs/_base_/datasets/mpii.py defines 16 keypoints, the results have 17',
        ),
        (
            'r.json',
            None,
            '--ann-file ann.json --metainfo configs/_base_/default_runtime.py',
            '--metainfo configs/_base_/default_runtime.py cannot be used: ',
        ),
        ('a.pkl', [{'id': 1}], '', 'a.pkl is no file of predictions; expected the list of data'),
        ('a.pkl', b'text', '', 'a.pkl is no file of predictions; expected the list of data'),
        ('a.pkl', [], '', 'a.pkl has no predictions; test on a data set that is not empty.'),
        ('a.pkl', [print], '', "a.pkl was not read: it names 'builtins.print', which predictions"),
        ('r.json', None, '--worst -1', '--worst is -1; give 0 or more.'),
        ('r.json', None, '--pck-thr 0', '--pck-thr is 0.0; give a share above 0, such as 0.05.'),
        ('r.json', None, '--no-html --out a.html', '--no-html contradicts --out.'),
        ('r.json', None, '--out a.pdf', '--out is a.pdf; give a file that ends in .html.'),
    ],
)
def test_errors_say_how_to_mend(files, capsys, name, content, options, message):
    if isinstance(content, str):
        Path(name).write_text(content)
    elif isinstance(content, bytes):
        Path(name).write_bytes(content)
    elif content is not None:
        dump(name, content)
    assert main(['report', name, *options.split()]) == 1
    assert capsys.readouterr().err.startswith(f'error: {message}')


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (
            lambda sample: sample.pop('raw_ann_info'),
            'the samples in a.pkl carry no annotations; give the annotation file',
        ),
        (
            lambda sample: sample['raw_ann_info'].pop('bbox'),
            'the annotations in a.pkl are not in COCO style, without bbox; give the annotation',
        ),
        (
            lambda sample: sample['pred_instances'].update(keypoints=np.zeros((1, 17, 3))),
            'a.pkl has keypoints of 2, 3 coordinates; a report is made of poses in pictures',
        ),
        (
            lambda sample: sample['pred_instances']['keypoints'].fill(np.nan),
            'a.pkl: 1 of 3 predictions have NaN or infinite keypoints',
        ),
        (
            lambda sample: sample['pred_instances'].update(
                keypoints=np.zeros((1, 5, 2)), keypoint_scores=np.ones((1, 5))
            ),
            'a.pkl: The prediction of image 1 has 5 keypoints',
        ),
    ],
    ids=['no labels', 'other labels', '3D', 'not finite', 'other keypoints'],
)
def test_samples_that_cannot_be_used(files, capsys, change, message):
    samples = data_samples()
    change(samples[1])
    dump('a.pkl', samples)
    assert main(['report', 'a.pkl']) == 1
    assert capsys.readouterr().err.startswith(f'error: {message}')


def test_other_numbers_of_keypoints_need_a_definition(files, capsys):
    dump('a.json', OTHER_K)
    data = data_set()
    for ann in data['annotations']:
        ann['keypoints'] = ann['keypoints'][:15]
    dump('ann.json', data)
    assert main(['report', 'a.json', '--ann-file', 'ann.json']) == 1
    assert capsys.readouterr().err.startswith(
        'error: the results have 5 keypoints, and no shipped definition is known to fit; give '
        '--metainfo FILE, a dataset_info such as configs/_base_/datasets/coco.py.'
    )
