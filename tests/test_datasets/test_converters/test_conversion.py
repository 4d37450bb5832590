import inspect
import json

import pytest
from mmengine.config import Config

from mmpose.datasets.converters import FORMATS, CocoWriter, ConversionError, convert, write_splits
from mmpose.datasets.converters.formats import format_module
from mmpose.registry import DATASETS


@pytest.fixture
def writer(tmp_path, picture):
    writer = CocoWriter(['a', 'b'], image_root=tmp_path / 'pictures')
    for i in range(10):
        picture(tmp_path / 'pictures' / 'sub' / f'{i}.png')
        image_id = writer.add_picture(f'sub/{i}.png')
        writer.add_instance(image_id, [[10, 20, 2], [30, 40, 1]])
    return writer


@pytest.mark.parametrize('name', FORMATS)
def test_formats_have_one_function_and_its_options(name):
    module = format_module(name)
    assert hasattr(module, 'read') != hasattr(module, 'write')
    function = getattr(module, 'write', None) or module.read
    assert list(inspect.signature(function).parameters) == ['source', 'out', *module.OPTIONS]


def test_unknown_formats_and_options(tmp_path):
    with pytest.raises(
        ConversionError, match=r"There is no format 'labelmee'; did you mean labelme"
    ):
        convert('labelmee', tmp_path, tmp_path)
    with pytest.raises(
        ConversionError, match='labelme has no option color; it has keypoints, cate'
    ):
        convert('labelme', tmp_path, tmp_path, color=1)


def test_pictures_stay_where_they_are(writer, tmp_path):
    result = write_splits(writer, tmp_path / 'out' / 'deep')
    assert result.image_prefix == '../../pictures'
    assert result.num_images == result.num_instances == result.num_usable == dict(annotations=10)
    assert sorted(path.name for path in (tmp_path / 'out' / 'deep').iterdir()) == [
        'annotations.json',
        'metainfo.py',
    ]


def test_pictures_are_copied(writer, tmp_path):
    result = write_splits(writer, tmp_path / 'out', copy_images=True)
    assert result.image_prefix == 'images'
    assert len(list((tmp_path / 'out' / 'images' / 'sub').glob('*.png'))) == 10


def test_lines_for_a_config_make_it_load_the_data(writer, tmp_path):
    result = write_splits(writer, tmp_path / 'out', val_share=0.2)
    _, lines = result.text.split('For a config:')
    config = Config.fromstring(lines, '.py')
    train = DATASETS.build(config.train_dataloader.dataset)
    val = DATASETS.build(config.test_dataloader.dataset)
    assert (len(train), len(val)) == (8, 2)
    assert train.metainfo['num_keypoints'] == config.model.head.out_channels == 2
    assert config.test_evaluator.ann_file == (tmp_path / 'out' / 'val.json').as_posix()


def test_summary_tells_what_is_where(writer, tmp_path):
    writer.drop('shape of another kind', 'x', count=3)
    writer.add_instance(1, [[0, 0, 0]] * 2, bbox=[1, 2, 3, 4])
    text = write_splits(writer, tmp_path / 'out').text
    lines = text.splitlines()
    assert lines[0] == '2 keypoints: a, b'
    assert lines[1] == (
        f'{tmp_path}/out/annotations.json: 10 pictures, 11 instances (1 without use for top-down '
        'training)'
    )
    assert lines[2] == 'dropped 3: shape of another kind, such as x'
    assert f'pictures: {tmp_path}/pictures' in lines


def test_skeleton_is_replaced(tmp_path, picture, text):
    picture(tmp_path / 'in' / '0.png')
    points = [
        dict(label=name, points=[[9, 9]], shape_type='point', group_id=None) for name in 'abc'
    ]
    text(tmp_path / 'in' / '0.json', dict(shapes=points, imagePath='0.png'))

    def run(**options):
        return convert('labelme', tmp_path / 'in', tmp_path / 'out', **options)

    result = run(links=['a:b', ('b', 'c')], swaps=['a:c'], dataset_name='mine', box_margin=0)
    content = json.loads(result.ann_files['annotations'].read_text())
    assert content['categories'][0]['skeleton'] == [[1, 2], [2, 3]]
    assert content['info'] == dict(description='mine')
    metainfo = Config.fromfile(result.metainfo).dataset_info
    assert metainfo.dataset_name == 'mine'
    assert metainfo.keypoint_info[0].swap == 'c'
    assert 'mirrored: a and c' in result.text
    with pytest.raises(ConversionError, match='links or swaps name d; expected names from a, b, c'):
        run(links=['a:d'])
    with pytest.raises(ConversionError, match="'a-b' is no pair of keypoints; write two names wit"):
        run(swaps=['a-b'])


def test_shipped_metainfo_is_used(tmp_path, picture):
    picture(tmp_path / '0.png')
    writer = CocoWriter.from_metainfo('configs/_base_/datasets/coco.py', image_root=tmp_path)
    writer.add_instance(writer.add_picture('0.png'), [[9, 9, 2]] * 17)
    result = write_splits(writer, tmp_path / 'out')
    assert result.metainfo == 'configs/_base_/datasets/coco.py'
    assert not (tmp_path / 'out' / 'metainfo.py').exists()


def test_empty_parts_are_refused(writer, tmp_path, picture):
    empty = CocoWriter(['a', 'b'], image_root=tmp_path)
    empty.add_image('0.png', 9, 9)
    with pytest.raises(ConversionError, match=r'The source has no labelled instance\.'):
        write_splits(empty, tmp_path / 'out')
    writer.splits = dict.fromkeys(range(1, 11), 'train')
    writer.splits[writer.add_image('x.png', 9, 9)] = 'val'
    with pytest.raises(
        ConversionError, match='None of the 1 pictures of val has a labelled instan'
    ):
        write_splits(writer, tmp_path / 'out')
