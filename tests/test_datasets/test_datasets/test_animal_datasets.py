import pytest

from mmpose.datasets.datasets import LocustDataset, ZebraDataset

FIELDS = {
    *('img_path', 'img_id', 'id', 'iscrowd'),
    *('bbox', 'bbox_score', 'keypoints', 'keypoints_visible'),
}


@pytest.mark.parametrize(('cls', 'num_keypoints'), [(LocustDataset, 35), (ZebraDataset, 9)])
def test_the_box_is_the_image(coco_labels, cls, num_keypoints):
    keypoints = [30, 40, 2] * (num_keypoints - 1) + [0, 0, 0]
    dataset = cls(**coco_labels(dict(keypoints=keypoints)))
    item = dataset[0]
    assert item['bbox'].tolist() == [[0, 0, 100, 80]]
    assert item['keypoints'][0, 0].tolist() == [30, 40]
    assert item['keypoints_visible'].sum() == num_keypoints - 1
    assert set(item) - {'dataset', 'sample_idx', *dataset.metainfo} == FIELDS


def test_bottomup(coco_labels):
    labels = coco_labels(dict(keypoints=[30, 40, 2] * 9), dict(keypoints=[50, 60, 2] * 9))
    item = ZebraDataset(**labels, data_mode='bottomup')[0]
    assert item['bbox'].tolist() == [[0, 0, 100, 80]] * 2
    assert item['id'] == [1, 2]
    assert item['invalid_segs'] == []


def test_an_image_of_unknown_size(coco_labels):
    images = [dict(id=1, file_name='1.jpg')]
    labels = coco_labels(dict(keypoints=[30, 40, 2] * 9), images=images)
    with pytest.raises(ValueError, match="annotation 1 cannot be used: it has no 'width'"):
        ZebraDataset(**labels)
