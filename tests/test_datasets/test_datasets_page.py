"""The examples and tables of docs/datasets.md."""

import json
import re

import pytest
from mmengine.runner import Runner

from mmpose.datasets import BaseCocoStyleDataset, CocoDataset
from mmpose.registry import DATASETS

# what is no published set of its own
OTHERS = {'CombinedDataset', 'BaseCocoStyleDataset', 'BaseMocapDataset'}


@pytest.fixture(scope='module')
def page(docs_page):
    return docs_page('datasets.md')


@pytest.fixture
def scope(page):
    """The names that the blocks up to the class define."""
    names = {}
    for block in page.blocks('python')[:3]:
        exec(block, names)
    return names


def write_coco(path, num_keypoints, num_images):
    images = [dict(id=i, file_name=f'{i}.jpg', width=90, height=90) for i in range(num_images)]
    keypoints = [value for k in range(num_keypoints) for value in (40 + k, 50 - k, 2)]
    anns = [
        dict(id=i, image_id=i, center=[60, 50], track_id=7, keypoints=keypoints)
        for i in range(num_images)
    ]
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(dict(images=images, annotations=anns)))


def test_own_set(scope, page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_coco(tmp_path / 'mice/train.json', 4, 2)
    names = {}
    exec(page.blocks('python')[0], names)
    dataset = DATASETS.build(names['train_dataloader']['dataset'])
    assert (len(dataset), dataset.metainfo['flip_indices']) == (2, [0, 2, 1, 3])
    assert dataset.get_data_info(0)['img_path'] == 'mice/images/0.jpg'
    assert len(DATASETS.build(dict(type='CocoDataset', lazy_init=True)).metainfo['sigmas']) == 17


def test_session(scope, page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (session,) = page.blocks('pycon')
    page.run_session(session, scope)


def test_mixture(scope, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_coco(tmp_path / 'coco.json', 17, 4)
    write_coco(tmp_path / 'crowdpose.json', 14, 3)
    from mmengine.registry import DefaultScope

    with DefaultScope.overwrite_default_scope('mmpose'):
        dataset = DATASETS.build(dict(scope['dataset'], pipeline=[]))
        loader = dict(scope['train_dataloader'], dataset=dataset, num_workers=0)
        loader = Runner.build_dataloader(dict(loader, collate_fn=dict(type='pseudo_collate')))
    assert dataset.lens == [2, 6]
    item = dataset[0]
    assert item['keypoints'].shape == (1, 14, 2)
    assert item['keypoints_visible'][0, :, 1].tolist() == [1] * 12 + [0, 1]
    assert dataset[7]['keypoints_visible'][0, :, 1].tolist() == [1] * 14
    assert loader.sampler.num_per_source == [24, 8]


def test_own_class(scope, page, tmp_path, monkeypatch):
    code = page.blocks('python')[3].replace('@DATASETS.register_module()\n', '')
    exec(code, scope)
    write_coco(tmp_path / 'ann.json', 4, 1)
    item = scope['TrackedMouseDataset'](str(tmp_path / 'ann.json'))[0]
    assert item['bbox'].tolist() == [[20, 10, 89, 89]]
    assert item['track_id'] == 7


def test_hooks_that_are_listed_exist(page):
    (rows,) = [table for table in page.tables() if 'what it makes' in table[0]]
    for row in rows:
        for name in re.findall(r'`(\w+)\(', row['method']):
            assert hasattr(BaseCocoStyleDataset, name)


def test_arguments_that_are_listed_exist(page):
    table = next(table for table in page.tables() if 'argument' in table[0])
    for row in table:
        for name in re.findall(r'`(\w+)=', row['argument']):
            assert name in CocoDataset.__init__.__code__.co_varnames


@pytest.mark.filterwarnings('ignore:.* has faults, but is used')
def test_all_data_sets_are_listed(page):
    (rows,) = [table for table in page.tables() if 'definition' in table[0]]
    listed = {row['data set'].strip('`'): row for row in rows}
    DATASETS.import_from_location()
    classes = {
        name: cls
        for name, cls in DATASETS.module_dict.items()
        if cls.__module__.startswith('mmpose.') and name not in OTHERS
    }
    assert listed.keys() == classes.keys()
    for name, cls in classes.items():
        metainfo = cls._load_metainfo()
        assert int(listed[name]['keypoints']) == metainfo['num_keypoints']
        assert cls.METAINFO['from_file'].endswith('/' + listed[name]['definition'].strip('`'))
