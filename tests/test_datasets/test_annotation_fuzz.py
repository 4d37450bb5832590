"""Annotation and detection files with something wrong somewhere: read, or refused by name."""

import copy
import json
import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mmpose.datasets import BaseCocoStyleDataset

METAINFO = dict(
    dataset_name='pin',
    keypoint_info={0: dict(name='head', swap=''), 1: dict(name='tip', swap='')},
    skeleton_info={},
    joint_weights=[1.0, 1.0],
    sigmas=[0.05, 0.05],
)
COCO = dict(
    images=[
        dict(id=1, file_name='a.jpg', width=60, height=50),
        dict(id=2, file_name='b.jpg', width=60, height=50, crowdIndex=0.5),
    ],
    annotations=[
        dict(
            id=i,
            image_id=1 + i % 2,
            category_id=1,
            bbox=[5.5, 6, 20, 30],
            keypoints=[7, 8.5, 2, 20, 30, 1],
            num_keypoints=2,
            area=300.0,
            iscrowd=0,
            segmentation=[[5, 6, 25, 6, 25, 36]],
        )
        for i in range(4)
    ],
    categories=[dict(id=1, name='pin')],
)
DETECTIONS = [
    dict(image_id=1, category_id=1, bbox=[5.5, 6, 20, 30], score=0.5),
    dict(image_id=2, category_id=1, bbox=[1, 2, 3, 4], score=1),
]
JUNK = st.sampled_from(
    [
        *(None, True, -1, 0, 2, 99, 1.5, math.nan, math.inf, -math.inf, 1e300, 10**400, '', 'x'),
        *([], {}, [[]], [None], [1, [2, [3]]], dict(id=1), [math.nan] * 6, [10**30] * 4, ['1'] * 6),
    ]
)
SETTINGS = settings(
    deadline=None,
    max_examples=100,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@st.composite
def mutated(draw, original):
    """A copy with up to three changes."""
    content = copy.deepcopy(original)
    for _ in range(draw(st.integers(1, 3))):
        content = mutate(draw, content)
    return content


def mutate(draw, content):
    """Walk to a random place and change what is there."""
    if not isinstance(content, (dict, list)) or not content or draw(st.integers(0, 5)) == 0:
        return copy.deepcopy(draw(JUNK))
    if isinstance(content, dict):
        key = draw(st.sampled_from(sorted(content, key=str)))
        if draw(st.integers(0, 4)) == 0:
            del content[key]
            return content
    else:
        key = draw(st.integers(0, len(content) - 1))
        change = draw(st.integers(0, 8))
        if change <= 2:
            return [content[:key], content[key:], [*content, content[key]]][change]
    content[key] = mutate(draw, content[key])
    return content


def read(path, **arguments):
    """The items, or none if the file is refused; other errors are failures."""
    refusal, dataset = None, []
    try:
        dataset = BaseCocoStyleDataset(ann_file=str(path), metainfo=METAINFO, **arguments)
    except ValueError as error:
        refusal = str(error)
    assert refusal is None or str(path.parent) in refusal
    return list(dataset)


@SETTINGS
@given(
    content=mutated(COCO),
    mode=st.sampled_from(['topdown', 'bottomup']),
    test_mode=st.booleans(),
    serialize=st.booleans(),
    more=st.sampled_from(
        [{}, dict(categories=['pin']), dict(categories=[1]), dict(bbox_source='keypoints')]
    ),
)
@pytest.mark.filterwarnings('ignore:overflow encountered in cast')
def test_annotations(tmp_path, content, mode, test_mode, serialize, more):
    path = tmp_path / 'ann.json'
    path.write_text(json.dumps(content))
    arguments = dict(data_mode=mode, test_mode=test_mode, serialize_data=serialize, **more)
    for item in read(path, **arguments):
        if 'keypoints' not in item:
            assert (mode, test_mode) == ('bottomup', True)
            continue
        N = len(item['keypoints'])
        assert N == 1 or mode == 'bottomup'
        assert item['keypoints'].shape == (N, 2, 2)
        assert item['keypoints_visible'].shape == (N, 2)
        assert np.isfinite(item['keypoints']).all()
        assert item['bbox'].shape == (N, 4)
        if mode == 'topdown':
            assert np.isfinite(item['bbox']).all()
            assert (item['bbox'][0, 2:] > item['bbox'][0, :2]).all()
            assert np.isfinite(item['area'])


@SETTINGS
@given(content=mutated(DETECTIONS))
@pytest.mark.filterwarnings('ignore:overflow encountered in cast')
def test_detections(tmp_path, content):
    path = tmp_path / 'ann.json'
    path.write_text(json.dumps(COCO))
    (tmp_path / 'boxes.json').write_text(json.dumps(content))
    for item in read(path, bbox_file=str(tmp_path / 'boxes.json'), test_mode=True):
        assert np.isfinite(item['bbox']).all()
        assert (item['bbox'][0, 2:] > item['bbox'][0, :2]).all()
        assert np.isfinite(item['bbox_score']).all()


@SETTINGS
@given(data=st.data())
def test_bytes(tmp_path, data):
    content = bytearray(json.dumps(COCO, indent=data.draw(st.sampled_from([None, 1]))).encode())
    content = content[: data.draw(st.integers(0, len(content)))]
    for _ in range(data.draw(st.integers(0, 3))):
        place = data.draw(st.integers(0, len(content)))
        content[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    path = tmp_path / 'ann.json'
    path.write_bytes(content)
    read(path)


@pytest.mark.parametrize('depth', [2000, 200_000])
@pytest.mark.parametrize('place', ['info', 'annotations'])
def test_absurd_nesting(tmp_path, depth, place):
    path = tmp_path / 'ann.json'
    nested = '[' * depth + ']' * depth
    content = dict(COCO, info=0)
    if place == 'annotations':
        content['annotations'] = [dict(COCO['annotations'][0], junk=0)]
    text = json.dumps(content)
    old = '"info": 0' if place == 'info' else '"junk": 0'
    assert old in text
    path.write_text(text.replace(old, old[:-1] + nested))
    read(path)


def test_absurd_numbers(tmp_path):
    path = tmp_path / 'ann.json'
    path.write_text(json.dumps(COCO).replace('300.0', '9' * 5000))
    assert read(path) == []
