"""UBody: what its class reads from a converted scene, and the frames of its videos."""

import json

import cv2
import numpy as np
import pytest

from mmpose.datasets.converters import ConversionError, convert
from mmpose.datasets.converters.ubody import video_of
from mmpose.registry import DATASETS

PARTS = dict(keypoints=17, foot_kpts=6, face_kpts=68, lefthand_kpts=21, righthand_kpts=21)


def person(number, image_id, **extra):
    parts = {part: [20.0, 10.0, 1.0] * count for part, count in PARTS.items()}
    labels = dict(bbox=[5, 6, 30, 20], area=600, iscrowd=0, category_id=1, num_keypoints=17)
    return dict(id=number, image_id=image_id, **labels, **parts, **extra)


@pytest.fixture
def ubody(tmp_path, text, video):
    names = ['Talk_S1_Trim1/000001.png', '/Talk_S1_Trim1/000007.png', 'Talk_S2/000004.png']
    images = [
        dict(id=i, file_name=name, width=64, height=48) for i, name in enumerate(names, start=10)
    ]
    people = [
        person(0, 10),
        person(1, 11, valid_label=0),
        person(2, 11, valid_label=2),
        person(3, 12),
    ]
    text(
        tmp_path / 'annotations/TalkShow/keypoint_annotation.json',
        dict(images=images, annotations=people),
    )
    (tmp_path / 'splits').mkdir()
    np.save(tmp_path / 'splits/intra_scene_test_list.npy', np.array(['Talk_S2']))
    np.save(tmp_path / 'splits/inter_scene_test_list.npy', np.array(['Talk_S1']))
    for name in ('Talk_S1/Talk_S1_Trim1', 'Talk_S2/Talk_S2'):
        (tmp_path / 'videos/TalkShow' / name).parent.mkdir(parents=True)
        video(tmp_path / f'videos/TalkShow/{name}.mp4')  # 10 frames a second
    return tmp_path


def test_ubody(ubody):
    result = convert('ubody', ubody, ubody)
    assert 'train_annotations.json: 2 pictures, 2 people, 2 of use' in result.text
    assert 'val_annotations.json: 1 pictures, 1 people, 1 of use' in result.text
    assert 'dropped 1: person of TalkShow with wrong labels' in result.text
    dataset = DATASETS.build(
        dict(
            type='UBody2dDataset',
            data_root=str(ubody),
            ann_file='annotations/TalkShow/train_annotations.json',
            data_prefix=dict(img='images/'),
        )
    )
    item = dataset.get_data_info(1)
    assert item['keypoints'].shape == (1, 133, 2)
    np.testing.assert_allclose(item['bbox'], [[5, 6, 35, 26]])
    assert item['img_path'] == str(ubody / 'images/TalkShow/Talk_S1_Trim1/000007.png')
    # the seventh of 30 frames a second is the third of 10
    assert abs(cv2.imread(item['img_path']).mean() - 40) < 4


def test_ubody_pictures_are_written_once(ubody):
    convert('ubody', ubody, ubody)
    for path in ubody.glob('videos/*/*/*.mp4'):
        path.unlink()
    convert('ubody', ubody, ubody)
    (ubody / 'images/TalkShow/Talk_S2/000004.png').unlink()
    with pytest.raises(FileNotFoundError, match='has no video Talk_S2, which 1 pictures are to be'):
        convert('ubody', ubody, ubody)


def test_ubody_options(ubody):
    result = convert(
        'ubody',
        ubody,
        ubody,
        split='inter_scene',
        sample_interval=5,
        jpeg=True,
        scenes=['TalkShow'],
    )
    assert 'train_annotations' not in result.text  # only picture 10 is left, and it is to test on
    content = json.loads((ubody / 'annotations/TalkShow/val_annotations.json').read_text())
    assert [image['file_name'] for image in content['images']] == [
        'TalkShow/Talk_S1_Trim1/000001.jpg'
    ]
    assert sorted(path.name for path in ubody.glob('images/**/*.*')) == ['000001.jpg']


def test_ubody_tells_missing_frames(ubody, text):
    path = ubody / 'annotations/TalkShow/keypoint_annotation.json'
    text(path, path.read_text().replace('000007', '000100'))
    assert 'Talk_S1_Trim1.mp4: it lacks 1 labelled frames' in convert('ubody', ubody, ubody).text


def test_ubody_without_a_usable_person(ubody, text):
    path = ubody / 'annotations/TalkShow/keypoint_annotation.json'
    text(path, path.read_text().replace('"iscrowd": 0', '"iscrowd": 1'))
    with pytest.raises(
        ConversionError, match=r"train_annotations\.json' was written, but is of no u"
    ):
        convert('ubody', ubody, ubody)


def test_ubody_errors(ubody, text):
    with pytest.raises(ConversionError, match='sample_interval is 0; expected 1 or more'):
        convert('ubody', ubody, ubody, sample_interval=0)
    with pytest.raises(ConversionError, match='There is no scene Movie; there are TalkShow'):
        convert('ubody', ubody, ubody, scenes=['Movie'])
    path = ubody / 'annotations/TalkShow/keypoint_annotation.json'
    good = path.read_text()
    text(path, good.replace('"file_name"', '"name"'))
    with pytest.raises(
        ConversionError, match=r"keypoint_annotation\.json' cannot be used: 'file_na"
    ):
        convert('ubody', ubody, ubody)
    text(path, '{}')
    with pytest.raises(ConversionError, match='has no `images`; expected the lists'):
        convert('ubody', ubody, ubody)
    text(path, good)
    (ubody / 'splits/intra_scene_test_list.npy').write_bytes(b'no array')
    with pytest.raises(ConversionError, match=r'test_list\.npy. holds no names of videos'):
        convert('ubody', ubody, ubody)
    (ubody / 'splits/intra_scene_test_list.npy').unlink()
    with pytest.raises(FileNotFoundError, match=r"test_list\.npy' with the names of test videos"):
        convert('ubody', ubody, ubody)
    with pytest.raises(FileNotFoundError, match='is not UBody: looked for annotations'):
        convert('ubody', ubody / 'videos', ubody)


def test_video_of():
    assert video_of('Speech/Speech_S3/000001.png') == 'Speech_S3'
    assert video_of('Speech/a/Speech_S3_Trim12/000001.png') == 'Speech_S3'
