import json
import re

import pytest

from mmpose.datasets.datasets.base.annotation_file import AnnotationFile, open_coco
from mmpose.datasets.datasets.base.coco_file import load_coco

ANNOTATIONS = [
    dict(id=1, image_id=3, name='Ä}"{'),
    dict(id=2, image_id='x\\y', segmentation=dict(counts='1{', size=[1, 2])),
    dict(id=3, image_id=-4.5),
    dict(image_id=2, nested=dict(image_id=7)),
    {'id': 5, 'x"image_id': 7, 'image_id': 6},
]


def coco(annotations=ANNOTATIONS):
    return dict(info='é', annotations=annotations, images=[dict(id=3)], categories=[])


@pytest.mark.parametrize('order', ['as written', 'reversed'])
@pytest.mark.parametrize('ascii_only', [True, False])
@pytest.mark.parametrize('indent', [None, 2])
def test_the_file_is_that_of_json(tmp_path, order, ascii_only, indent):
    content = coco()
    if order == 'reversed':
        content = dict(reversed(content.items()))
    path = tmp_path / 'ann.json'
    path.write_text(json.dumps(content, ensure_ascii=ascii_only, indent=indent), encoding='utf-8')
    opened = open_coco(str(path))
    annotations = opened.pop('annotations')
    assert isinstance(annotations, AnnotationFile)
    assert len(annotations) == 5
    assert list(annotations) == ANNOTATIONS
    assert annotations[-1] == ANNOTATIONS[-1]
    assert list(annotations.image_ids()) == [3, 'x\\y', -4.5, 2, 6]
    whole = load_coco(str(path))
    del whole['annotations']
    assert opened == whole


def test_annotations_longer_than_what_is_read_at_once(tmp_path):
    annotations = [dict(id=i, image_id=i, text='€' * 700_000) for i in range(3)]
    path = tmp_path / 'ann.json'
    path.write_text(json.dumps(coco(annotations), ensure_ascii=False), encoding='utf-8')
    assert list(open_coco(str(path))['annotations']) == annotations


@pytest.mark.parametrize('entry', [dict(id=1), None, [1], 7], ids=str)
def test_what_has_no_image_id_raises_when_it_is_asked_for(tmp_path, entry):
    path = tmp_path / 'ann.json'
    path.write_text(json.dumps(coco([dict(image_id=1), entry])))
    ids = open_coco(str(path))['annotations'].image_ids()
    assert next(ids) == 1
    with pytest.raises((KeyError, TypeError)):
        next(ids)


def test_errors_tell_the_place(tmp_path):
    path = tmp_path / 'ann.json'
    text = json.dumps(coco(), indent=1)
    path.write_text(text[:-20])
    with pytest.raises(ValueError, match=re.escape(f'{str(path)!r} is not JSON: ') + '.* in line '):
        open_coco(str(path))
    path.write_text('{"images": [], "annotations": [{"image_id": 1, "id": x}]}')
    with pytest.raises(ValueError, match='is not JSON: Expecting value in line 1, column 54'):
        open_coco(str(path))['annotations'][0]


def test_a_file_that_changes_is_noticed(tmp_path):
    path = tmp_path / 'ann.json'
    text = json.dumps(coco())
    path.write_text(text)
    annotations = open_coco(str(path))['annotations']
    path.write_text(json.dumps(dict(more=[1, 2], **coco())))
    with pytest.raises(ValueError, match='has changed while it was read'):
        list(annotations)
