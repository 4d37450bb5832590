import json
from dataclasses import fields, is_dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from oks_sets import detections, ground_truth
from pose_sets import one_person, random_records, records

from mmpose.evaluation.analysis import PoseRecords
from mmpose.evaluation.functional import KeypointDetections, KeypointGroundTruth

NAMES = st.text(st.characters(blacklist_categories=('Cs',), blacklist_characters='\0'), max_size=9)
NUMBERS = st.floats(-1e6, 1e6)


def assert_same(one, other):
    for field in fields(one):
        a, b = getattr(one, field.name), getattr(other, field.name)
        if is_dataclass(a):
            assert_same(a, b)
        elif isinstance(a, np.ndarray):
            assert a.dtype == b.dtype, field.name
            np.testing.assert_array_equal(a, b)
        else:
            assert a == b, field.name


@st.composite
def any_records(draw):
    K, G, D = draw(st.integers(1, 4)), draw(st.integers(0, 3)), draw(st.integers(0, 3))
    ids = st.integers(-(2**40), 2**40) | st.integers(0, 9) if draw(st.booleans()) else NAMES
    image_ids = draw(st.lists(ids, min_size=1, max_size=4, unique=True))
    if len({type(i) for i in image_ids}) > 1:
        image_ids = [str(i) for i in image_ids]
    image_ids = np.array(image_ids)
    count = len(image_ids)

    def numbers(*shape, elements=NUMBERS):
        return draw(arrays(np.float64, shape, elements=elements))

    def images(instances):
        return image_ids[draw(arrays(int, instances, elements=st.integers(0, count - 1)))]

    def flags(*shape):
        return draw(arrays(bool, shape))

    of_gts = images(G)
    pairs = None
    of_dts = images(D)
    if G and draw(st.booleans()):
        pairs = draw(arrays(int, D, elements=st.integers(0, G - 1)))
        of_dts = of_gts[pairs]
    sigma = st.floats(1e-3, 1)
    links = st.tuples(st.integers(0, K - 1), st.integers(0, K - 1))
    return PoseRecords(
        dataset_name=draw(NAMES),
        keypoint_names=draw(st.lists(NAMES, min_size=K, max_size=K)),
        flip_indices=np.array(draw(st.permutations(range(K)))),
        sigmas=draw(st.none() | arrays(np.float64, K, elements=sigma)),
        skeleton_links=draw(st.lists(links, max_size=3)),
        image_ids=image_ids,
        image_paths=draw(st.lists(NAMES, min_size=count, max_size=count)),
        crowd_index=numbers(count, elements=st.floats(0, 1) | st.just(np.nan)),
        gts=KeypointGroundTruth(
            image_ids=of_gts,
            category_ids=np.ones(G, int),
            keypoints=numbers(G, K, 3, elements=NUMBERS | st.just(np.nan)),
            bboxes=numbers(G, 4),
            areas=numbers(G),
            ignore=flags(G),
            crowd=flags(G),
        ),
        dts=KeypointDetections(
            image_ids=of_dts,
            category_ids=np.ones(D, int),
            keypoints=numbers(D, K, 2),
            scores=numbers(D),
            areas=numbers(D),
        ),
        keypoint_scores=numbers(D, K),
        pairs=pairs,
    )


@settings(deadline=None, max_examples=40)
@given(made=any_records())
def test_loaded_is_what_was_saved(made, tmp_path_factory):
    path = tmp_path_factory.mktemp('records') / 'a' / 'records.bin'
    made.save(path)
    assert_same(PoseRecords.load(str(path)), made)


def test_saving_twice_keeps_the_last(tmp_path):
    path = tmp_path / 'records.npz'
    for seed in (0, 1):
        random_records(seed).save(path)
    assert_same(PoseRecords.load(path), random_records(1))
    assert list(tmp_path.iterdir()) == [path]


def test_defaults_for_what_a_data_set_lacks():
    made = one_person([[0, 0]] * 3, flip_indices=None, sigmas=None)
    assert made.flip_indices.tolist() == [0, 1, 2]
    assert made.sigmas_assumed
    assert made.pairs is None


def test_empty_sets_take_the_number_of_keypoints_from_the_names():
    made = records(
        ground_truth(np.zeros((0, 0, 3))),
        detections(np.zeros((0, 0, 2)), []),
        keypoint_names=['a', 'b'],
        flip_indices=[],
        sigmas=[],
    )
    assert made.gts.keypoints.shape == (0, 2, 3)
    assert made.dts.keypoints.shape == (0, 2, 2)
    assert made.keypoint_scores.shape == (0, 2)


def with_nan(name):
    dts = detections([[[0, 0]]], [0.5])
    getattr(dts, name).flat[0] = np.nan
    return dict(dts=dts)


@pytest.mark.parametrize(
    ('changes', 'message'),
    [
        (dict(sigmas=[0.1, 0.1]), r'sigmas has the shape \(2,\); expected \(1,\) for 1 images, 1 '),
        (dict(image_paths=[]), r'image_paths has the shape \(0,\); expected \(1,\)'),
        (dict(flip_indices=[1]), r'flip_indices has the index 1; expected 0 to 0\.'),
        (dict(skeleton_links=[(0, 7)]), r'skeleton_links has the index 7; expected 0 to 0\.'),
        (dict(pairs=[-1]), r'pairs has the index -1; expected 0 to 0\.'),
        (dict(keypoint_names=[], flip_indices=[], sigmas=[]), 'shape|empty'),
        (dict(image_ids=[5]), '1 of 1 gts are of images that image_ids lacks, the first of 0;'),
        (
            dict(image_ids=[0, 0], image_paths=['', ''], crowd_index=[0, 0]),
            'image_ids name an image twice; expected each once',
        ),
        (dict(sigmas=[0.0]), r'sigmas are \[0\.0\]; expected numbers above 0'),
        (dict(sigmas=[-0.1]), r'sigmas are \[-0\.1\]; expected numbers above 0'),
        (with_nan('scores'), 'dts.scores has values that are not finite for 1 of 1 instances'),
        (with_nan('keypoints'), 'dts.keypoints has values that are not finite.*first of image 0;'),
        (
            dict(dts=detections([[[0, 0]]], [1], images=[3]), pairs=[0], image_ids=[0, 3])
            | dict(image_paths=['', ''], crowd_index=[0, 0]),
            '1 of 1 pairs join a prediction with an annotation of another image',
        ),
    ],
)
def test_values_that_contradict_each_other(changes, message):
    with pytest.raises(ValueError, match=message):
        one_person([[0, 0]], **changes)


def test_image_ids_that_are_no_ids():
    with pytest.raises(TypeError, match='image_ids are of the type float64; expected integers or'):
        one_person([[0, 0]], image_ids=[0.5])


def saved_with(path, **header):
    made = one_person([[0, 0]])
    made.save(path)
    with np.load(path) as file:
        arrays = dict(file)
    arrays['header'] = np.array(json.dumps(json.loads(arrays['header'].item()) | header))
    return arrays


def test_other_versions_and_damaged_files(tmp_path):
    path = tmp_path / 'records.npz'
    np.savez(path, **saved_with(path, version=2))
    with pytest.raises(ValueError, match=r"version 2; .* reads 'mmpose pose records', version 1"):
        PoseRecords.load(path)
    kept = {name: value for name, value in saved_with(path).items() if name != 'dts.scores'}
    np.savez(path, **kept)
    with pytest.raises(ValueError, match=r"lacks 'dts\.scores' and is damaged"):
        PoseRecords.load(path)


@pytest.mark.parametrize('kind', ['empty', 'text', 'array', 'arrays', 'pickle', 'cut'])
def test_other_files(kind, tmp_path):
    path = tmp_path / 'x.npz'
    with path.open('wb') as file:
        if kind == 'text':
            file.write(b'{"AP": 0.5}')
        elif kind == 'array':
            np.save(file, np.zeros(3))
        elif kind == 'arrays':
            np.savez(file, header=np.zeros(3))
        elif kind == 'pickle':
            np.savez(file, header=np.array([print], object))
    if kind == 'cut':
        random_records(0).save(path)
        path.write_bytes(path.read_bytes()[:-400])
    with pytest.raises(ValueError, match=r'x\.npz is no file of pose records; expected one that'):
        PoseRecords.load(path)


def test_no_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        PoseRecords.load(tmp_path / 'x.npz')
