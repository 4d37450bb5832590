import re

import pytest

from mmpose.datasets.datasets import DeepFashionDataset


@pytest.mark.parametrize(
    ('subset', 'num_landmarks', 'name'),
    [
        ('', 8, 'deepfashion_full'),
        ('full', 8, 'deepfashion_full'),
        ('upper', 6, 'deepfashion_upper'),
        ('lower', 4, 'deepfashion_lower'),
    ],
)
def test_the_subset_chooses_the_landmarks(coco_labels, subset, num_landmarks, name):
    labels = coco_labels(dict(keypoints=[30, 40, 2] * num_landmarks))
    dataset = DeepFashionDataset(subset=subset, **labels)
    assert dataset.metainfo['dataset_name'] == name
    assert dataset[0]['keypoints'].shape == (1, num_landmarks, 2)


def test_metainfo_goes_before_the_subset():
    metainfo = dict(from_file='configs/_base_/datasets/deepfashion_lower.py')
    dataset = DeepFashionDataset(subset='upper', metainfo=metainfo, lazy_init=True)
    assert dataset.metainfo['num_keypoints'] == 4


def test_unknown_subset():
    message = "subset is 'legs', but must be one of '', 'full', 'upper', 'lower'."
    with pytest.raises(ValueError, match=re.escape(message)):
        DeepFashionDataset(subset='legs')


def test_clothes_of_another_subset_are_named(coco_labels):
    labels = coco_labels(dict(keypoints=[30, 40, 2] * 8))
    with pytest.raises(ValueError, match=re.escape('expected 3 * 6 = 18')) as caught:
        DeepFashionDataset(subset='upper', **labels)
    assert "'deepfashion_upper'" in str(caught.value)
