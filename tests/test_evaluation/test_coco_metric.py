import copy
import json
import pickle
import re

import numpy as np
import pytest
import torch
from oks_sets import pycocotools_evaluation, random_coco

from mmpose.evaluation import CocoMetric
from mmpose.evaluation.functional.nms import COCO_SIGMAS
from mmpose.registry import METRICS

META = dict(dataset_name='toy', num_keypoints=2, sigmas=[0.1, 0.1])


def annotation(ann_id, image_id, x, **kwargs):
    """A person of two labelled keypoints at (x, 10) and (x + 40, 10)."""
    return dict(
        dict(
            id=ann_id,
            image_id=image_id,
            category_id=1,
            iscrowd=0,
            area=2500.0,
            bbox=[x, 0, 40, 20],
            keypoints=[x, 10, 2, x + 40, 10, 1],
            num_keypoints=2,
        ),
        **kwargs,
    )


def coco(annotations):
    ids = sorted({ann['image_id'] for ann in annotations})
    return dict(images=[dict(id=i) for i in ids], annotations=annotations, categories=[dict(id=1)])


def sample(sample_id, image_id, x, score=1.0, keypoint_scores=(0.9, 0.9), **kwargs):
    """A data sample whose prediction lies at (x, 10) and (x + 40, 10)."""
    return dict(
        dict(
            id=sample_id,
            img_id=image_id,
            category_id=1,
            pred_instances=dict(
                keypoints=np.array([[[x, 10], [x + 40, 10]]], np.float32),
                keypoint_scores=np.array([keypoint_scores], np.float32),
                bbox_scores=np.array([score]),
            ),
            gt_instances=dict(bbox_scales=np.array([[50.0, 50.0]], np.float32)),
        ),
        **kwargs,
    )


PEOPLE = [annotation(1, 1, 0), annotation(2, 1, 200), annotation(3, 2, 50)]
FOUND = [sample(1, 1, 0), sample(2, 1, 200), sample(3, 2, 50)]


@pytest.fixture
def ann_file(tmp_path):
    return write(tmp_path, coco(PEOPLE))


def write(folder, dataset):
    path = folder / 'annotations.json'
    path.write_text(json.dumps(dataset))
    return str(path)


def evaluate(samples, meta=META, **kwargs):
    metric = METRICS.build(dict(type='CocoMetric', **kwargs))
    metric.dataset_meta = meta
    metric.process({}, samples)
    return metric.evaluate(size=len(samples))


def test_perfect_predictions_give_one(ann_file):
    numbers = evaluate(FOUND, ann_file=ann_file)
    names = [f'{kind}{which}' for kind in ('AP', 'AR') for which in ('', ' .5', ' .75')]
    for name in [*names, 'AP (M)', 'AR (M)']:
        assert numbers[f'coco/{name}'] == pytest.approx(1, abs=1e-9)
    assert numbers['coco/AP (L)'] == numbers['coco/AR (L)'] == -1
    assert len(numbers) == 10


def test_a_missing_person(ann_file):
    numbers = evaluate(FOUND[:2], ann_file=ann_file)
    assert numbers['coco/AR'] == pytest.approx(2 / 3)
    assert numbers['coco/AP'] == pytest.approx(67 / 101)  # recalls 0, 0.01 ... 0.66


def test_order_and_repetition_do_not_matter(ann_file):
    samples = [*FOUND, sample(4, 1, 3, 0.5), sample(5, 2, 500, 2.0)]
    expected = evaluate(samples, ann_file=ann_file)
    assert evaluate([*samples[::-1], samples[2], samples[0]], ann_file=ann_file) == expected
    assert 0 < expected['coco/AP'] < 1


def test_metric_can_be_used_again(ann_file):
    metric = CocoMetric(ann_file)
    metric.dataset_meta = META
    for _ in range(2):
        metric.process({}, FOUND)
        assert metric.evaluate(size=3)['coco/AP'] == pytest.approx(1)


def test_results_travel_between_processes(ann_file):
    metric = CocoMetric(ann_file)
    metric.dataset_meta = META
    metric.process({}, FOUND)
    results = pickle.loads(pickle.dumps(metric.results))
    assert metric.compute_metrics(results)['AP'] == pytest.approx(1)


def test_tensors_are_welcome(ann_file):
    samples = copy.deepcopy(FOUND)
    for item in samples:
        pred = item['pred_instances']
        item['pred_instances'] = {key: torch.from_numpy(value) for key, value in pred.items()}
    assert evaluate(samples, ann_file=ann_file)['coco/AP'] == pytest.approx(1)


def test_annotation_with_id_0_counts(tmp_path):
    people = [annotation(0, 1, 0)]
    assert evaluate(FOUND[:1], ann_file=write(tmp_path, coco(people)))['coco/AP'] == (
        pytest.approx(1)
    )


@pytest.mark.parametrize('iou_type', ['keypoints', 'keypoints_crowd'])
def test_ground_truth_from_samples_equals_that_of_a_file(tmp_path, iou_type):
    dataset = coco(PEOPLE)
    for image, level in zip(dataset['images'], (0.1, 0.9), strict=True):
        image['crowdIndex'] = level
    samples = [sample(1, 1, 2), sample(2, 1, 203, 0.7), sample(3, 2, 54, 0.8)]
    from_file = evaluate(samples, ann_file=write(tmp_path, dataset), iou_type=iou_type)
    for item, ann, level in zip(samples, PEOPLE, (0.1, 0.1, 0.9), strict=True):
        item.update(raw_ann_info=ann, crowd_index=level, ori_shape=(480, 640))
    assert evaluate(samples, iou_type=iou_type) == from_file
    assert 0 < from_file['coco/AP'] < 1
    if iou_type == 'keypoints_crowd':
        # the easy image has two people, found with an OKS of 0.98 and 0.96; both reach 0.95
        assert from_file['coco/AP(E)'] == pytest.approx(1)
        assert from_file['coco/AP(M)'] == -1


def test_one_sample_per_image(tmp_path):
    # as bottom-up models predict: the people of the sample share its ids
    joined = sample([1, 2], 1, 0, category_id=[1, 1], raw_ann_info=PEOPLE[:2])
    pred = joined['pred_instances']
    pred['keypoints'] = np.concatenate([pred['keypoints'] + [shift, 0] for shift in (0, 200, 90)])
    pred['keypoint_scores'] = np.full((3, 2), 0.9)
    pred['bbox_scores'] = np.array([0.9, 0.8, 0.1])
    empty = sample([], 2, 0, category_id=[], raw_ann_info=None)
    empty['pred_instances'] = dict(
        keypoints=np.empty((0, 2, 2)), keypoint_scores=np.empty((0, 2)), bbox_scores=np.empty(0)
    )
    assert evaluate([joined, empty, joined])['coco/AP'] == pytest.approx(1)


@pytest.mark.parametrize(
    ('score_mode', 'first', 'second'),
    [
        ('bbox', 0.5, 0.4),
        ('keypoint', (0.1 + 0.8) / 2, 0.6),
        ('bbox_keypoint', 0.5 * 0.8, 0.4 * 0.6),  # 0.1 is not above 0.2
        ('bbox_rle', 0.5 + 0.45 + 0.8, 0.4 + 0.6 + 0.6),
    ],
)
def test_score_modes(tmp_path, ann_file, score_mode, first, second):
    samples = [sample(1, 1, 0, 0.5, (0.1, 0.8)), sample(2, 1, 200, 0.4, (0.6, 0.6))]
    prefix = str(tmp_path / 'out')
    evaluate(samples, ann_file=ann_file, score_mode=score_mode, outfile_prefix=prefix)
    written = json.loads((tmp_path / 'out.keypoints.json').read_text())
    np.testing.assert_allclose([item['score'] for item in written], [first, second], rtol=1e-6)


def test_no_sure_keypoint_scores_zero(tmp_path, ann_file):
    prefix = str(tmp_path / 'out')
    evaluate([sample(1, 1, 0, 0.5, (0.1, 0.15))], ann_file=ann_file, outfile_prefix=prefix)
    assert json.loads((tmp_path / 'out.keypoints.json').read_text())[0]['score'] == 0


def test_keypoint_scores_suffice_without_box_scores(ann_file):
    samples = copy.deepcopy(FOUND)
    for item in samples:
        del item['pred_instances']['bbox_scores']
    assert evaluate(samples, ann_file=ann_file, score_mode='keypoint')['coco/AP'] == (
        pytest.approx(1)
    )
    with pytest.raises(ValueError, match="image 1 have no `bbox_scores`; only score_mode='keyp"):
        evaluate(samples, ann_file=ann_file)


@pytest.mark.parametrize(
    ('nms_mode', 'kept'), [('oks_nms', [1, 3]), ('soft_oks_nms', [1, 2, 3]), ('none', [1, 2, 3])]
)
def test_suppression(tmp_path, ann_file, nms_mode, kept):
    samples = [sample(1, 1, 0, 0.9), sample(2, 1, 1, 0.8), sample(3, 1, 200, 0.3)]
    prefix = str(tmp_path / 'out')
    evaluate(samples, ann_file=ann_file, nms_mode=nms_mode, outfile_prefix=prefix)
    written = json.loads((tmp_path / 'out.keypoints.json').read_text())
    assert [item['keypoints'][0] for item in written] == [[0, 1, 200][i - 1] for i in kept]


def test_suppression_measures_by_the_box_of_the_sample(tmp_path, ann_file):
    # 4 pixels apart: OKS exp(-16 / (2 * 2500 * 0.04)) = 0.92 by 50 x 50, 0.45 by 10 x 10
    for side, kept in ((50.0, 1), (10.0, 2)):
        samples = [sample(1, 1, 0, 0.9), sample(2, 1, 4, 0.8)]
        for item in samples:
            item['gt_instances']['bbox_scales'][:] = side
        evaluate(samples, ann_file=ann_file, outfile_prefix=str(tmp_path / 'out'))
        assert len(json.loads((tmp_path / 'out.keypoints.json').read_text())) == kept


def test_soft_suppression_leaves_twenty_of_an_image(tmp_path, ann_file):
    samples = [sample(i, 1, 300 * i, 0.9 - 0.01 * i) for i in range(22)]
    samples += [sample(30, 1, 0, 0.85)]  # the twin of the first: its score falls to nothing
    evaluate(
        samples, ann_file=ann_file, nms_mode='soft_oks_nms', outfile_prefix=str(tmp_path / 'out')
    )
    written = json.loads((tmp_path / 'out.keypoints.json').read_text())
    assert [item['keypoints'][0] for item in written] == [300 * i for i in range(20)]


def test_poses_without_any_score_do_not_count(ann_file):
    stray = sample(9, 1, 900, 1.0, (0.0, 0.0))
    numbers = evaluate([*FOUND, stray], ann_file=ann_file, score_mode='bbox')
    assert numbers['coco/AP'] == pytest.approx(1)


def test_use_area_false_takes_a_share_of_the_box(tmp_path):
    people = [annotation(1, 1, 0, bbox=[0, 0, 100, 100])]
    # 16 pixels off: OKS exp(-256 / (2 * area * 0.04)) is 0.28 for 2500, 0.55 for 0.53 * 100**2
    path = write(tmp_path, coco(people))
    shifted = [sample(1, 1, 16)]
    assert evaluate(shifted, ann_file=path)['coco/AP .5'] == 0
    assert evaluate(shifted, ann_file=path, use_area=False)['coco/AP .5'] == pytest.approx(1)
    for ann in people:
        del ann['area']
    path = write(tmp_path, coco(people))
    assert evaluate(shifted, ann_file=path, use_area=False)['coco/AP .5'] == pytest.approx(1)
    message = "The annotation with id 1 has no 'area'. use_area=False takes 0.53 times the area"
    with pytest.raises(ValueError, match=re.escape(message)):
        evaluate(shifted, ann_file=path)


def test_files_are_written_only_when_asked_for(tmp_path, ann_file):
    evaluate(FOUND, ann_file=ann_file)
    assert [path.name for path in tmp_path.iterdir()] == ['annotations.json']
    prefix = str(tmp_path / 'new' / 'run')
    assert evaluate(FOUND, ann_file=ann_file, outfile_prefix=prefix, format_only=True) == {}
    assert [path.name for path in (tmp_path / 'new').iterdir()] == ['run.keypoints.json']
    written = json.loads((tmp_path / 'new' / 'run.keypoints.json').read_text())
    assert written[0]['keypoints'] == pytest.approx([0, 10, 0.9, 40, 10, 0.9])
    assert (written[2]['image_id'], written[2]['category_id']) == (2, 1)

    samples = [dict(item, raw_ann_info=ann) for item, ann in zip(FOUND, PEOPLE, strict=True)]
    expected = evaluate(samples, outfile_prefix=prefix)
    rebuilt = evaluate(FOUND, ann_file=f'{prefix}.gt.json')
    assert rebuilt == expected


def test_written_files_give_the_same_numbers_in_pycocotools(tmp_path):
    pytest.importorskip('pycocotools')
    dataset, dts = random_coco(5, decimals=2)
    rng = np.random.default_rng(0)
    samples = []
    for i, dt in enumerate(dts):
        points = np.array(dt['keypoints'], np.float32).reshape(1, 17, 3)
        pred = dict(
            keypoints=points[..., :2],
            keypoint_scores=rng.uniform(0.3, 1, (1, 17)).astype(np.float32),
            bbox_scores=np.array([dt['score']]),
        )
        samples.append(dict(id=i, img_id=dt['image_id'], pred_instances=pred))
    prefix = str(tmp_path / 'out')
    numbers = evaluate(
        samples,
        dict(sigmas=COCO_SIGMAS),
        ann_file=write(tmp_path, dataset),
        outfile_prefix=prefix,
    )
    results = json.loads((tmp_path / 'out.keypoints.json').read_text())
    expected = pycocotools_evaluation(dataset, results, COCO_SIGMAS)
    assert list(numbers.values()) == expected.stats.tolist()


def test_several_categories(tmp_path):
    people = [annotation(1, 1, 0), annotation(2, 1, 200, category_id=7)]
    dataset = coco(people)
    path = write(tmp_path, dataset)
    right = [sample(1, 1, 0), sample(2, 1, 200, category_id=7)]
    assert evaluate(right, ann_file=path)['coco/AP'] == pytest.approx(1)
    # one category found, of the other only a false alarm: the mean of 1 and 0
    wrong = [sample(1, 1, 0), sample(2, 1, 900, category_id=7)]
    assert evaluate(wrong, ann_file=path)['coco/AP'] == pytest.approx(0.5)
    mixed = [sample(1, 1, 0, category_id=[1, 7])]
    with pytest.raises(ValueError, match=re.escape('image 1 has the categories [1, 7]')):
        evaluate(mixed, ann_file=path)


def test_converters(ann_file):
    # the model knows three keypoints; the evaluation only looks at the data set's second
    samples = copy.deepcopy(FOUND)
    for item in samples:
        pred = item['pred_instances']
        pred['keypoints'] = np.concatenate([pred['keypoints'] * 0, pred['keypoints']], axis=1)[
            :, 1:
        ]
        pred['keypoint_scores'] = np.full((1, 3), 0.9, np.float32)
    meta = dict(META, sigmas=[0.3, 0.1])
    kwargs = dict(
        pred_converter=dict(type='KeypointConverter', num_keypoints=3, mapping=[(2, 1)]),
        gt_converter=dict(type='KeypointConverter', num_keypoints=3, mapping=[(1, 1)]),
    )
    metric = CocoMetric(ann_file, **kwargs)
    metric.dataset_meta = meta
    assert metric.dataset_meta['sigmas'].tolist() == [0, 0.1, 0]
    assert metric.dataset_meta['num_keypoints'] == 3
    assert meta['sigmas'] == [0.3, 0.1]
    with np.errstate(all='raise'):
        assert evaluate(samples, meta, ann_file=ann_file, **kwargs)['coco/AP'] == pytest.approx(1)


def test_text_image_ids(tmp_path):
    people = [dict(ann, image_id=f'frame{ann["image_id"]}') for ann in PEOPLE]
    path = write(tmp_path, coco(people))
    samples = [dict(item, img_id=f'frame{item["img_id"]}') for item in FOUND]
    assert evaluate(samples, ann_file=path)['coco/AP'] == pytest.approx(1)
    message = "Images are [1] ... in the predictions and ['frame1'] ... in the annotations; use"
    with pytest.raises(TypeError, match=re.escape(message)):
        evaluate(FOUND, ann_file=path)
    with pytest.raises(TypeError, match='image ids of type int, str; expected integers through'):
        evaluate([samples[0], FOUND[1]], ann_file=path)


@pytest.mark.parametrize('where', ['keypoints', 'keypoint_scores', 'bbox_scores'])
def test_nan_names_its_images(ann_file, where):
    samples = copy.deepcopy(FOUND)
    samples[2]['pred_instances'][where][..., -1] = np.nan
    message = r'1 of 3 predictions have NaN or infinite (keypoints|scores), in the images \[2\]'
    with pytest.raises(ValueError, match=message):
        evaluate(samples, ann_file=ann_file)


def test_numbers_of_keypoints_must_agree(ann_file):
    with pytest.raises(ValueError, match='image 1 has 2 keypoints, the data set has sigmas of 17'):
        evaluate(FOUND, dict(sigmas=COCO_SIGMAS), ann_file=ann_file)
    samples = copy.deepcopy(FOUND)
    for item in samples:
        pred = item['pred_instances']
        item['pred_instances'] = {
            key: np.concatenate([value] * 2, axis=1) if value.ndim > 1 else value
            for key, value in pred.items()
        }
    with pytest.raises(ValueError, match='annotations have 2 keypoints, the data set has sigmas o'):
        evaluate(samples, dict(sigmas=[0.1] * 4), ann_file=ann_file)
    with pytest.raises(ValueError, match='has no `sigmas`, which the similarity needs'):
        evaluate(FOUND, dict(num_keypoints=2), ann_file=ann_file)


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (lambda d: d['annotations'][1].pop('keypoints'), "id 2 has no 'keypoints'. The evaluation"),
        (lambda d: d['annotations'][1].pop('bbox'), "id 2 has no 'bbox'."),
        (lambda d: d['annotations'][1].pop('image_id'), "id 2 has no 'image_id'."),
        (
            lambda d: d['annotations'][1]['keypoints'].append(0),
            'Annotation 2 has 7 keypoint numbers; expected three for each keypoint, and 6 as in',
        ),
        (lambda d: d.pop('images'), "but got the keys ['annotations', 'categories']"),
    ],
    ids=['keypoints', 'bbox', 'image_id', 'length', 'images'],
)
def test_broken_annotation_files(tmp_path, change, message):
    dataset = copy.deepcopy(coco(PEOPLE))
    change(dataset)
    with pytest.raises(ValueError, match=re.escape(message)):
        CocoMetric(write(tmp_path, dataset))


def test_a_result_file_is_no_annotation_file(tmp_path):
    with pytest.raises(ValueError, match='but got a list'):
        CocoMetric(write(tmp_path, []))


def test_crowd_level_is_needed(ann_file):
    with pytest.raises(ValueError, match=r"image with id 1 has no 'crowdIndex'\. iou_type="):
        CocoMetric(ann_file, iou_type='keypoints_crowd')


def test_samples_must_bring_annotations():
    with pytest.raises(ValueError, match='image 1 has no `raw_ann_info`; add it to `meta_keys`'):
        evaluate(FOUND)


@pytest.mark.parametrize(
    ('kwargs', 'message'),
    [
        (dict(score_mode='box'), "score_mode is 'box'; expected one of ('bbox', 'bbox_keypoint'"),
        (dict(nms_mode='soft'), "nms_mode is 'soft'; expected one of ('oks_nms', 'soft_oks_nms'"),
        (dict(iou_type='bbox'), "iou_type is 'bbox'; expected one of ('keypoints', 'keypoints_c"),
        (dict(format_only=True), 'format_only=True writes a file; say where by `outfile_prefix`.'),
    ],
)
def test_arguments_are_checked(kwargs, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        CocoMetric(**kwargs)


def test_warns_of_unknown_images(ann_file, warnings):
    numbers = evaluate([sample(1, 11, 0), *FOUND[1:]], ann_file=ann_file)
    assert numbers['coco/AR'] == pytest.approx(2 / 3)
    assert warnings == [
        '1 of 3 predictions are left out, for their images are not among the annotated ones: '
        'image ids [11] ... of predictions, [1, 2] ... of annotations.'
    ]


def test_warns_of_unknown_categories(ann_file, warnings):
    numbers = evaluate([dict(item, category_id=3) for item in FOUND], ann_file=ann_file)
    assert numbers['coco/AP'] == 0
    assert warnings == [
        'No prediction can match: they are of the categories [3], the annotations of [1].'
    ]


def test_warns_when_there_is_nothing_to_find(tmp_path, warnings):
    people = [annotation(1, 1, 0, keypoints=[0] * 6), annotation(2, 1, 0, iscrowd=1)]
    assert evaluate(FOUND[:1], ann_file=write(tmp_path, coco(people)))['coco/AP'] == -1
    assert 'None of the 2 annotations has labelled keypoints and is no crowd' in warnings[0]


def test_warns_when_nothing_was_predicted(ann_file, warnings):
    none = sample(1, 1, 0)
    none['pred_instances'] = {key: v[:0] for key, v in none['pred_instances'].items()}
    numbers = evaluate([none], ann_file=ann_file)
    assert numbers['coco/AP'] == numbers['coco/AR'] == 0
    assert warnings == ['There are no predictions, so nothing can be found.']


@pytest.mark.parametrize(
    ('moved', 'hint'),
    [
        (lambda p: p / 240, 'Predictions look like shares of the picture; they have to be pixels.'),
        (lambda p: p * 8 + 5000, 'Predictions look like pixels of another size'),
        (lambda p: p[:, ::-1] + 100, 'The ranges agree, so the poses themselves are wrong'),
    ],
    ids=['normalised', 'other size', 'other order'],
)
def test_warns_of_poses_that_resemble_none(ann_file, warnings, moved, hint):
    samples = copy.deepcopy(FOUND)
    for item in samples:
        pred = item['pred_instances']
        pred['keypoints'] = moved(pred['keypoints'])
    assert evaluate(samples, ann_file=ann_file)['coco/AP'] == 0
    (warning,) = warnings
    assert 'labelled ones x from 0 to 240 and y from 10 to 10. ' + hint in warning


def test_a_few_wrong_poses_are_no_reason_to_warn(ann_file, warnings):
    assert evaluate([FOUND[0], sample(2, 1, 900)], ann_file=ann_file)['coco/AP'] > 0
    assert warnings == []


def test_no_results_at_all(ann_file, warnings):
    assert evaluate([], ann_file=ann_file)['coco/AP'] == 0
    assert 'There are no predictions, so nothing can be found.' in warnings


def test_prefix(ann_file):
    assert 'crowdpose/AP' in evaluate(FOUND, ann_file=ann_file, prefix='crowdpose')
