"""MPII: what its class reads from a converted tree of structs."""

import json

import numpy as np
import pytest
from scipy.io import savemat

from mmpose.datasets.converters import ConversionError, convert
from mmpose.datasets.converters.mpii import predictions_to_json
from mmpose.registry import DATASETS


def structs(*rows):
    """MATLAB structs of one layout."""
    array = np.empty((1, len(rows)), dtype=[(name, object) for name in rows[0]])
    for i, row in enumerate(rows):
        array[0, i] = tuple(row.values())
    return array


def person(points, center=(50.0, 60.0), scale=2.0):
    rows = [dict(x=x, y=y, id=i, is_visible=visible) for i, x, y, visible in points]
    return dict(
        scale=scale,
        objpos=dict(x=center[0], y=center[1]) if center else [],
        annopoints=dict(point=structs(*rows)) if rows else [],
    )


def save(path, *pictures, in_training=None):
    annolist = structs(
        *(
            dict(image=dict(name=name), annorect=structs(*people) if people else [], vididx=video)
            for name, video, people in pictures
        )
    )
    used = [1] * len(pictures) if in_training is None else in_training
    savemat(path, dict(RELEASE=dict(annolist=annolist, img_train=np.array(used))))


@pytest.fixture
def mpii(tmp_path, picture):
    points = [(0, 10.5, 20.5, 1), (9, 30.0, 40.0, 0)]
    for number in range(1, 6):
        picture(tmp_path / f'images/00000{number}.jpg')
    save(
        tmp_path / 'mpii_human_pose_v1_u12_1.mat',
        ('000001.jpg', 7, [person(points), person([]), person(points, center=None)]),
        ('000002.jpg', 7, [person(points, center=(70.0, 80.0))]),
        ('000003.jpg', 8, [person(points[:1])]),
        ('000004.jpg', 9, []),
        ('000005.jpg', 9, [person(points)]),
        in_training=[1, 1, 1, 1, 0],
    )
    return tmp_path


def test_mpii(mpii):
    (mpii / 'val.txt').write_text('000002.jpg\n')
    result = convert('mpii', mpii, mpii, val_list=str(mpii / 'val.txt'))
    assert 'mpii_trainval.json: 3 people, 3 of use' in result.text
    train = json.loads((mpii / 'annotations/mpii_train.json').read_text())
    assert [entry['image'] for entry in train] == ['000001.jpg', '000003.jpg']
    assert train[0]['joints'][:2] == [[10.5, 20.5], [-1, -1]]
    assert train[0]['joints_vis'] == [1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]
    assert train[0]['center'] == [50, 60]
    dataset = DATASETS.build(
        dict(
            type='MpiiDataset',
            data_root=str(mpii),
            ann_file='annotations/mpii_val.json',
            data_prefix=dict(img='images/'),
        )
    )
    item = dataset.get_data_info(0)
    # the center moves down by 15 times the scale, and counts from 1; the side is 400
    np.testing.assert_allclose(item['bbox'], [[69 - 200, 109 - 200, 69 + 200, 109 + 200]])
    np.testing.assert_allclose(item['keypoints'][0, [0, 9]], [[10.5, 20.5], [30, 40]])
    assert item['keypoints_visible'][0].sum() == 2


def test_mpii_draws_whole_videos(mpii):
    result = convert('mpii', mpii, mpii, val_fraction=0.1)
    names = {
        part: {
            entry['image']
            for entry in json.loads((mpii / f'annotations/mpii_{part}.json').read_text())
        }
        for part in ('train', 'val')
    }
    assert sorted(names.values(), key=len) == [{'000003.jpg'}, {'000001.jpg', '000002.jpg'}]
    assert 'not in' not in result.text
    (mpii / 'images/000003.jpg').unlink()
    assert 'images: 1 pictures, such as 000003.jpg' in convert('mpii', mpii, mpii).text


def test_mpii_errors(mpii):
    with pytest.raises(ConversionError, match='3 people would be 0 to train and 3 to validate on'):
        convert('mpii', mpii, mpii, val_fraction=1)
    with pytest.raises(FileNotFoundError, match="There is no folder 'elsewhere'; give that of the"):
        convert('mpii', mpii, mpii, images='elsewhere')
    path = mpii / 'mpii_human_pose_v1_u12_1.mat'
    save(path, ('000001.jpg', 7, [person([(16, 1.0, 2.0, 1)])]))
    with pytest.raises(ConversionError, match=r'person 1 of 000001\.jpg cannot be used: list assi'):
        convert('mpii', mpii, mpii)
    save(path, ('000001.jpg', 7, []), in_training=[1, 0])
    with pytest.raises(ConversionError, match='annolist has 1 pictures, img_train 2; expected the'):
        convert('mpii', mpii, mpii)
    savemat(path, dict(RELEASE=dict(version='12')))
    with pytest.raises(ConversionError, match='RELEASE has no annolist'):
        convert('mpii', mpii, mpii)
    path.unlink()
    with pytest.raises(FileNotFoundError, match='is not MPII with its annotations: looked for'):
        convert('mpii', mpii, mpii)


def test_predictions_to_json(tmp_path, text):
    people = [
        dict(image=f'{i}.jpg', center=[1, 2], scale=3.0, joints=[], joints_vis=[]) for i in 'ab'
    ]
    gt = text(tmp_path / 'gt.json', people)
    preds = np.arange(64.0).reshape(2, 16, 2)
    savemat(tmp_path / 'pred.mat', dict(preds=preds))
    assert predictions_to_json(tmp_path / 'pred.mat', gt, tmp_path / 'out/pred.json') == 2
    first, second = json.loads((tmp_path / 'out/pred.json').read_text())
    assert first['joints'][:2] == [[-1, 0], [1, 2]]  # counted from 0
    assert (second['image'], second['center'], second['scale']) == ('b.jpg', [1, 2], 3)
    savemat(tmp_path / 'pred.mat', dict(preds=preds[:1]))
    with pytest.raises(
        ConversionError, match=r'preds of the shape \(16, 2\); expected \(2, 16, 2\)'
    ):
        predictions_to_json(tmp_path / 'pred.mat', gt, tmp_path / 'pred.json')
