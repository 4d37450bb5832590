import json
import re

import numpy as np
import pytest
from mmengine.dataset import ConcatDataset, RepeatDataset

from mmpose.datasets import CombinedDataset, KeypointConverter, LoadImage, build_dataset
from mmpose.registry import DATASETS

COCO = dict(from_file='configs/_base_/datasets/coco.py')


@pytest.fixture
def coco(tmp_path):
    """A config of a COCO file with ``num`` images of one person; ids count from ``first``."""

    def config(num, first, **arguments):
        ids = range(first, first + num)
        images = [dict(id=i, file_name=f'{i}.jpg', width=50, height=50) for i in ids]
        anns = [dict(id=i, image_id=i, bbox=[5, 5, 20, 20], keypoints=[9, 9, 2] * 17) for i in ids]
        path = tmp_path / f'{first}.json'
        path.write_text(json.dumps(dict(images=images, annotations=anns)))
        return dict(type='CocoDataset', ann_file=str(path), **arguments)

    return config


def ids(dataset):
    return [dataset.get_data_info(i)['id'] for i in range(len(dataset))]


def test_items_follow_one_another(coco):
    dataset = CombinedDataset(metainfo=COCO, datasets=[coco(2, 10), coco(3, 20)])
    assert dataset.lens == [2, 3]
    assert ids(dataset) == [10, 11, 20, 21, 22]
    assert dataset[-1]['id'] == 22
    assert len(list(dataset)) == 5
    with pytest.raises(IndexError, match=re.escape('There is no item 5; the data set has 5.')):
        dataset.get_data_info(5)


def test_item_has_the_joint_skeleton_and_its_source_name(coco):
    joint = dict(**COCO, dataset_name='joint')
    dataset = CombinedDataset(metainfo=joint, datasets=[coco(1, 1)])
    assert dataset.metainfo['dataset_name'] == 'joint'
    item = dataset.get_data_info(0)
    assert item['dataset_name'] == 'coco'
    assert 'dataset' not in item
    assert item['flip_indices'][1] == 2


def test_pipelines_run_inside_out(coco):
    inner = [lambda results: dict(results, trace='inner')]
    outer = [lambda results: dict(results, trace=results['trace'] + ' outer')]
    dataset = CombinedDataset(metainfo=COCO, datasets=[coco(1, 1, pipeline=inner)], pipeline=outer)
    assert dataset[0]['trace'] == 'inner outer'
    assert dataset[0]['dataset'] is dataset


def test_ratios_thin_out_evenly_and_repeat(coco):
    np.random.seed(0)
    configs = [coco(8, 100), coco(2, 200), coco(3, 300)]
    dataset = CombinedDataset(COCO, configs, sample_ratio_factor=[0.5, 2, 1])
    assert dataset.lens == [4, 4, 3]
    for _ in range(5):
        drawn = ids(dataset)
        assert [i // 2 for i in drawn[:4]] == [50, 51, 52, 53]  # one of each pair
        assert drawn[4:8] == [200, 200, 201, 201]
        assert drawn[8:] == [300, 301, 302]


@pytest.mark.parametrize('factors', [[1], [1, -1]], ids=['too few', 'negative'])
def test_bad_ratios(coco, factors):
    with pytest.raises(ValueError, match='expected one number of 0 or more for each of the 2'):
        CombinedDataset(COCO, [coco(1, 1), coco(1, 5)], sample_ratio_factor=factors)


def test_lazy_sources_are_read_when_needed(coco):
    config = coco(2, 1, lazy_init=True)
    dataset = CombinedDataset(COCO, [config], lazy_init=True)
    assert not dataset.datasets[0]._fully_initialized
    dataset.full_init()
    assert len(dataset) == 2


def test_build_dataset(coco):
    one, two = coco(1, 1), coco(2, 5)
    assert len(build_dataset(one)) == 1
    assert build_dataset(one, default_args=dict(test_mode=True)).test_mode
    joined = build_dataset([one, two])
    assert isinstance(joined, ConcatDataset)
    assert len(joined) == 3
    assert len(build_dataset(dict(type='ConcatDataset', datasets=[one, two]))) == 3
    repeated = build_dataset(dict(type='RepeatDataset', dataset=two, times=3))
    assert isinstance(repeated, RepeatDataset)
    assert len(repeated) == 6
    assert len(DATASETS.build(dict(type='CombinedDataset', metainfo=COCO, datasets=[two]))) == 2
    with pytest.raises(KeyError, match='CocoDataset'):
        build_dataset(dict(type='CocoDatasett'))


def test_data_sets_with_other_skeletons_are_not_chained(coco):
    openpose = dict(from_file='configs/_base_/datasets/coco_openpose.py')
    other = coco(2, 5, metainfo=openpose, lazy_init=True)
    with pytest.raises(ValueError, match='put them into a CombinedDataset') as caught:
        build_dataset([coco(1, 1), other])
    assert "skeletons ['coco', 'coco_openpose'] cannot simply be chained" in str(caught.value)


def test_no_data_sets():
    with pytest.raises(ValueError, match='datasets is empty; give the configs of one data set'):
        CombinedDataset(COCO, [])


def test_unreadable_images_are_counted(coco):
    dataset = CombinedDataset(COCO, [coco(3, 1)], [LoadImage()], max_unreadable=2)
    assert [dataset.prepare_data(i) for i in (0, 1, 0)] == [None] * 3
    with pytest.raises(FileNotFoundError, match='does not exist'):
        CombinedDataset(COCO, [coco(1, 1)], [LoadImage()], test_mode=True)[0]
    with pytest.raises(ValueError, match='More than max_unreadable=2 images cannot be read'):
        dataset.prepare_data(2)


def test_skeletons_are_joined_by_names(coco):
    joint = dict(
        dataset_name='joint',
        keypoint_info={
            0: dict(name='left_hip', swap='right_hip'),
            1: dict(name='right_hip', swap='left_hip'),
            2: dict(name='tail', swap=''),
        },
        skeleton_info={},
        joint_weights=[1.0] * 3,
        sigmas=[0.1] * 3,
    )
    pipeline = [KeypointConverter(source=COCO, target=joint)]
    dataset = CombinedDataset(joint, [coco(1, 1, pipeline=pipeline)])
    item = dataset[0]
    assert item['keypoints'].tolist() == [[[9, 9], [9, 9], [0, 0]]]
    assert item['keypoints_visible'][0, :, 1].tolist() == [1, 1, 0]
    assert item['flip_indices'] == [1, 0, 2]
    assert dataset.metainfo['num_keypoints'] == 3
