"""``mmpose check`` counts what is there and lists everything that is wrong."""

import json
import shutil
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from mmengine.config import Config

from mmpose.cli.check import check
from mmpose.cli.checking.coco_summary import summary_of
from mmpose.cli.checking.data import check_data
from mmpose.cli.checking.items import ItemSummary, spread
from mmpose.cli.checking.labels import check_mirrors
from mmpose.cli.checking.loading import shapes_of
from mmpose.cli.checking.pictures import check_pictures
from mmpose.cli.checking.report import Report, described, examples
from mmpose.cli.main import main


def faults_of(*argv, capsys):
    """The lines of faults of the command, without their introduction."""
    capsys.readouterr()
    assert main(['check', *argv]) == 1
    return capsys.readouterr().err.split('\n- ')[1:]


def coco(image_size=(100, 80), **fields):
    """A file of one image and one annotation with 17 keypoints at (20, 20) .. (36, 20)."""
    keypoints = np.stack([np.arange(20, 37), np.full(17, 20), np.full(17, 2)], axis=1)
    ann = dict(id=1, image_id=1, category_id=1, bbox=[10, 10, 40, 20], area=800)
    ann.update(keypoints=keypoints.ravel().tolist(), num_keypoints=17, iscrowd=0, **fields)
    width, height = image_size
    image = dict(id=1, file_name='a.png', width=width, height=height)
    return dict(images=[image], annotations=[ann], categories=[dict(id=1, name='person')])


@pytest.fixture
def write(tmp_path):
    """Writes a data set of one grey picture and returns the folder."""

    def write(content, name='a.json', size=(100, 80)):
        cv2.imwrite(str(tmp_path / 'a.png'), np.full((*size[::-1], 3), 128, np.uint8))
        (tmp_path / name).write_text(json.dumps(content))
        return tmp_path

    return write


def loader_of(root, pipeline=(), **kwargs):
    dataset = dict(type='CocoDataset', data_root=str(root), ann_file='a.json', **kwargs)
    return dict(
        batch_size=1,
        num_workers=0,
        sampler=dict(type='DefaultSampler', shuffle=False),
        dataset=dict(dataset, pipeline=[dict(type='LoadImage'), *pipeline]),
    )


def test_a_good_config(tiny_project, tiny_data, capsys):
    assert main(['check', 'tiny.py', '--out', 'found/facts.json']) == 0
    out = capsys.readouterr().out
    assert 'No faults were found.' in out
    facts = json.loads((tiny_project / 'found/facts.json').read_text())
    assert facts['faults'] == []
    train = facts['loaders']['train_dataloader']
    assert train['dataset'] == 'CocoDataset (topdown)'
    assert (train['pictures'], train['instances'], train['keypoints']) == (5, 10, 17)
    assert (train['batch size'], train['batches']) == (4, 3)
    assert train['shapes'] == {
        'inputs': [3, 64, 64],
        'heatmaps': [17, 16, 16],
        'keypoint_weights': [1, 17],
    }
    labels = json.loads((tiny_data / 'annotations/train.json').read_text())
    seen = [np.reshape(ann['keypoints'], (17, 3))[0, 2] > 0 for ann in labels['annotations']]
    assert train['labelled']['nose'] == pytest.approx(np.mean(seen))
    assert f'{np.mean(seen):.1%}' in out
    assert facts['model']['outputs'] == [[17, 16, 16]]
    assert facts['model']['losses'].keys() == {'loss_kpt', 'acc_pose'}
    # the fixture trains and tests on the same pictures
    (remark,) = facts['remarks']
    assert remark.startswith('val_dataloader.dataset: 5 pictures of 5 also in train_dataloader')


def test_all_faults_of_a_broken_set_are_listed(tiny_project, tiny_data, tmp_path, capsys):
    root = tmp_path / 'broken'
    shutil.copytree(tiny_data, root)
    file = root / 'annotations/train.json'
    content = json.loads(file.read_text())
    first, second, *_, last = content['annotations']
    last['id'] = first['id']
    second['bbox'] = [0, 0, 0, 5]
    file.write_text(json.dumps(content))
    pictures = sorted((root / 'train').glob('*.jpg'))
    pictures[1].unlink()
    pictures[2].write_bytes(pictures[2].read_bytes()[:600])
    (root / 'annotations/other.json').write_text(json.dumps(coco()))
    faults = faults_of(
        'tiny.py',
        '--cfg-options',
        f'train_dataloader.dataset.data_root={root}/',
        'train_dataloader.drop_last=True',
        'train_dataloader.batch_size=50',
        f'val_evaluator.ann_file={root}/annotations/other.json',
        'model.backbone.init_cfg.type=Pretrained',
        'model.backbone.init_cfg.checkpoint=gone.pth',
        capsys=capsys,
    )
    starts = [
        f'train_dataloader.dataset: annotations of {file} share ids, 1 of which',
        f'train_dataloader.dataset: 1 picture of 5 missing: {pictures[1]};',
        'train_dataloader.dataset: 1 picture of 4 read cannot be decoded or is cut short: '
        f'{pictures[2]};',
        'train_dataloader: 9 items make no batch of 50; lower batch_size',
        'model.backbone.init_cfg: the weights gone.pth do not exist',
        'val_evaluator: 1 of the 5 pictures of val_dataloader.dataset are in',
    ]
    # the last fault is followed by the hint at --debug
    assert [fault[: len(start)] for fault, start in zip(faults, starts, strict=True)] == starts


def test_every_unusable_annotation_is_told_and_the_rest_goes_on(
    tiny_project, tiny_data, tmp_path, capsys
):
    root = tmp_path / 'broken'
    shutil.copytree(tiny_data, root)
    file = root / 'annotations/train.json'
    content = json.loads(file.read_text())
    for i in (1, 3):
        del content['annotations'][i]['keypoints'][-3:]
    del content['annotations'][4]['id']
    content['images'].append(dict(id=77))
    file.write_text(json.dumps(content))
    option = f'train_dataloader.dataset.data_root={root}/'
    faults = faults_of('tiny.py', '--cfg-options', option, '--out', 'facts.json', capsys=capsys)
    place = 'train_dataloader.dataset: '
    assert faults[0].startswith(f"{place}1 image cannot be used (77): it has no 'file_name'.")
    assert faults[1].startswith(
        f'{place}2 annotations cannot be used (2, 4): its keypoints have 48 numbers; expected'
    )
    assert faults[2].startswith(
        f"{place}1 annotation cannot be used (one without an id): it has no 'id'."
    )
    assert len(faults) == 3
    facts = json.loads((tiny_project / 'facts.json').read_text())
    assert facts['loaders']['train_dataloader']['dataset'] == 'could not be built'
    assert facts['loaders']['val_dataloader']['instances'] == 10


def test_a_head_that_does_not_fit_the_codec(tiny_project, capsys):
    options = ['model.head.deconv_out_channels=[8]', 'model.head.deconv_kernel_sizes=[4]']
    (fault,) = faults_of('tiny.py', '--cfg-options', *options, capsys=capsys)
    assert fault.startswith(
        'model.head: it returns (17, 8, 8) where the codec makes heatmaps of (17, 16, 16); set'
    )


def test_a_transform_that_fails_is_named(tiny_project, capsys):
    option = 'train_dataloader.dataset.pipeline.1.type=RandomHalfBody'
    (fault,) = faults_of('tiny.py', '--cfg-options', option, capsys=capsys)
    assert fault.startswith('train_dataloader.dataset: the pipeline fails for 8 items of those')
    assert '(0, 1, 2, 3, 5 and 3 more): RandomHalfBody: KeyError: ' in fault


def test_what_preflight_finds_is_told_once(tiny_project, capsys):
    options = ['model.backbone.type=ResNett', 'train_dataloader.dataset.ann_file=no.json']
    faults = faults_of('tiny.py', '--cfg-options', *options, capsys=capsys)
    assert [fault.split(': ')[0] for fault in faults] == [
        'model.backbone',
        'train_dataloader.dataset',
    ]


def test_bad_arguments(tiny_project, capsys):
    assert main(['check', 'tiny.py', '--samples', '-1']) == 1
    assert 'error: --samples is -1; give 0 or more.' in capsys.readouterr().err


def test_wrapped_data_sets(tiny_project):
    cfg = Config.fromfile('tiny.py')
    inner = dict(cfg.train_dataloader.dataset, pipeline=[])
    small = dict(type='RepeatDataset', times=3, dataset=dict(inner, indices=2))
    absent = dict(inner, ann_file='absent.json')
    cfg.train_dataloader.dataset = dict(
        type='CombinedDataset',
        metainfo=dict(from_file='configs/_base_/datasets/coco.py'),
        datasets=[inner, small],
        pipeline=cfg.train_pipeline,
    )
    cfg.default_scope = 'mmpose'
    found = check(cfg, 'wrapped')
    assert found['faults'] == []
    train = found['loaders']['train_dataloader']
    assert train['dataset'] == 'CombinedDataset of 2'
    assert train['batches'] == 4  # 10 + 3 * 2 items in batches of 4
    assert [part['instances'] for part in train['parts']] == [10, 2]
    assert train['shapes']['heatmaps'] == [17, 16, 16]

    cfg.train_dataloader.dataset.datasets = [inner, absent]
    found = check(cfg, 'wrapped')
    (fault,) = found['faults']
    assert fault.startswith('train_dataloader.dataset.datasets[1]: annotation file')
    train = found['loaders']['train_dataloader']
    assert train['dataset'] == 'could not be built'
    assert [part['instances'] for part in train['parts']] == [10]  # the other is checked

    cfg.train_dataloader.dataset.update(datasets=[inner, small], sample_ratio_factor=[1])
    (fault,) = check(cfg, 'wrapped')['faults']
    assert fault.startswith('train_dataloader.dataset: sample_ratio_factor is [1]; expected one')


def test_bottom_up(write):
    content = coco()
    content['annotations'] *= 3
    content['annotations'] = [dict(ann, id=i) for i, ann in enumerate(content['annotations'])]
    content['annotations'][2].update(keypoints=[0] * 51, num_keypoints=0)
    codec = dict(type='AssociativeEmbedding', input_size=(64, 64), heatmap_size=(16, 16), sigma=1)
    pipeline = [
        dict(type='BottomupRandomAffine', input_size=(64, 64)),
        dict(type='GenerateTarget', encoder=codec),
        dict(type='BottomupGetHeatmapMask'),
        dict(type='PackPoseInputs'),
    ]
    report = Report()
    loader = loader_of(write(content), pipeline, data_mode='bottomup')
    facts = check_data('train_dataloader', loader, 10, report).facts()
    assert (report.faults, report.remarks) == ([], [])
    assert (facts['dataset'], facts['instances']) == ('CocoDataset (bottomup)', 3)
    assert facts['labelled']['nose'] == pytest.approx(2 / 3, abs=1e-4)
    assert facts['shapes']['heatmaps'] == [17, 16, 16]
    assert facts['shapes']['heatmap_mask'] == [1, 16, 16]


def test_pose_lifting_needs_no_pictures(tmp_path):
    N, K = 3, 17
    points = np.arange(N * K * 3, dtype=float).reshape(N, K, 3) + 1
    points[..., 2] = 1
    np.savez(
        tmp_path / 'a.npz',
        imgname=np.array([f'S1_Walk.1_{i:06d}.jpg' for i in range(1, N + 1)]),
        part=points,
        S=np.ones((N, K, 4)),
        center=np.full((N, 2), 10.0),
        scale=np.full(N, 5.0),
    )
    codec = dict(type='ImagePoseLifting', num_keypoints=17, root_index=0)
    dataset = dict(
        type='BaseMocapDataset',
        ann_file=str(tmp_path / 'a.npz'),
        metainfo=dict(from_file='configs/_base_/datasets/h36m.py'),
        pipeline=[dict(type='GenerateTarget', encoder=codec), dict(type='PackPoseInputs')],
    )
    loader = dict(batch_size=1, num_workers=0, sampler=dict(type='DefaultSampler'))
    report = Report()
    facts = check_data('train_dataloader', dict(loader, dataset=dataset), 10, report).facts()
    assert report.faults == []
    assert (facts['instances'], facts['keypoints'], facts['without instance']) == (3, 17, None)
    assert facts['labelled']['head'] == 1


def test_remarks_on_labels(write):
    content = coco(bbox=[-40, 10, 90, 20])
    first = content['annotations'][0]
    first['keypoints'][0] = 120  # the picture is 100 wide
    first['keypoints'][3] = float('nan')
    outside = dict(first, id=2, bbox=[200, 10, 40, 20], category_id=9)
    content['annotations'] += [outside, dict(first, id=3, bbox=[10, 10, 0, 20])]
    content['images'].append(dict(id=5, file_name='empty.png', width=1, height=1))
    report = Report()
    root = write(content)
    facts = check_data('train_dataloader', loader_of(root), 10, report).facts()
    assert facts['dropped'] == {'box without area in the image': 2}
    assert facts['without instance'] == 1
    place = 'train_dataloader.dataset: '
    assert report.remarks == [
        f'{place}{root}/a.json does not list the categories 9, which annotations have',
        f'{place}3 annotations with keypoints at NaN or infinity, which count as not labelled: '
        '1, 2, 3',
        f'{place}1 box of no area: annotations 3',
        f'{place}1 box outside the picture: annotations 2',
        f'{place}1 box partly outside: annotations 1',
        f'{place}1 instance with labelled keypoints outside the picture: ids 1',
        f'{place}1 keypoint never labelled: left_eye',
    ]
    (fault,) = report.faults
    assert fault.endswith('it gives no inputs; end it with PackPoseInputs.')


def test_detected_boxes_of_no_area_and_without_labels():
    items = ItemSummary(num_items=2)
    box = np.array([[5, 5, 5, 9]], dtype=np.float32)
    points, visible = np.zeros((1, 17, 2)), np.ones((1, 17))
    items.add(dict(id=7, img_id=1, img_path='a', bbox=box, keypoints=points), {})
    wider = box + np.array([0, 0, 4, 0])
    detection = dict(id=8, img_id=1, img_path='a', bbox=wider, keypoints=points)
    items.add(dict(detection, keypoints_visible=visible), {})
    assert (items.num_instances, items.no_area, items.labelled) == (2, [7], None)
    assert items.image_ids == {1}


def test_visibility_counts():
    items = ItemSummary(num_items=1)
    points = np.array([[[5, 5], [50, 5]], [[5, 5], [5, 5]], [[5, 5], [101.5, 5]]], float)
    visible = np.array([[1, 1], [1, 0], [0, 1]], float)
    item = dict(id=[1, 2, 3], img_id=4, bbox=np.tile([0, 0, 9, 9], (3, 1)), keypoints=points)
    # visibility and weight, as KeypointConverter gives them
    item['keypoints_visible'] = np.stack([visible, np.ones_like(visible)], -1)
    items.add(item, {4: (100, 100)})
    assert items.labelled.tolist() == [2, 2]
    assert items.outside == [3]


def test_spread():
    assert spread(3, 10) == [0, 1, 2]
    assert spread(101, 5) == [0, 25, 50, 75, 100]
    assert spread(10, 0) == spread(0, 5) == []


def test_file_summary(write):
    content = coco(bbox=[0, 0, 100, 80])
    content['images'] += [content['images'][0], dict(content['images'][0], width=7), dict(id=2)]
    content['annotations'].append(dict(content['annotations'][0], id=1, image_id=2))
    content['annotations'] += ['no annotation', dict(id=4)]
    summary = summary_of(str(write(content) / 'a.json'))
    assert summary.image_sizes == {1: (100, 80), 2: None}
    assert summary.duplicates == dict(images=[1], annotations=[1])
    assert summary.keypoint_numbers == {51: 2}
    assert (summary.categories, summary.listed_categories) == ({1}, {1})
    assert (summary.poor_boxes, summary.num_empty_images) == ({}, 0)


def test_pictures(write, tmp_path):
    write(coco())
    (tmp_path / 'text.png').write_text('no picture')
    paths = {str(tmp_path / name): i for i, name in enumerate(('a.png', 'text.png', 'no.png'))}
    report = Report()
    unreadable = check_pictures('here', paths, {0: (80, 100)}, 10, report)
    assert unreadable == {str(tmp_path / 'text.png'), str(tmp_path / 'no.png')}
    assert [fault.split(': ')[1] for fault in report.faults] == [
        '1 picture of 3 missing',
        '1 picture of 2 read cannot be decoded or is cut short',
        '1 picture of 2 read has another width and height than the annotation file states',
    ]
    assert f'{tmp_path}/a.png is 100x80, stated 80x100;' in report.faults[2]
    report = Report()
    assert len(check_pictures('here', paths, {0: (80, 100)}, 0, report)) == 1
    assert len(report.faults) == 1


def test_mirrors_that_names_contradict():
    names = ('nose', 'left_ear', 'right_ear', 'right_paw')
    metainfo = dict(
        keypoint_id2name=dict(enumerate(names)),
        keypoint_name2id={name: i for i, name in enumerate(names)},
    )
    report = Report()
    check_mirrors('here', dict(metainfo, flip_indices=[0, 2, 1, 3]), report)
    assert report.remarks == []
    check_mirrors('here', dict(metainfo, flip_indices=[0, 1, 2, 3]), report)
    assert report.remarks == [
        'here: flip_indices and names disagree about 2 keypoints: left_ear (mirrors left_ear), '
        'right_ear (mirrors right_ear); check `swap` in the keypoint definition.'
    ]


def test_evaluator_of_another_split(tiny_project, tiny_data, tmp_path, capsys):
    content = json.loads((tiny_data / 'annotations/train.json').read_text())
    content['images'] = content['images'][1:]
    file = tmp_path / 'other.json'
    file.write_text(json.dumps(content))
    option = f'val_evaluator.ann_file={file}'
    (fault,) = faults_of('tiny.py', '--cfg-options', option, capsys=capsys)
    assert fault.startswith('val_evaluator: 4 of the 5 pictures of val_dataloader.dataset are in')
    option = ['val_dataloader.dataset.indices=4', 'test_dataloader.dataset.indices=4']
    assert main(['check', 'tiny.py', '--cfg-options', *option]) == 0
    out = capsys.readouterr().out
    file = tiny_data / 'annotations/train.json'
    assert f'val_evaluator: 3 annotated pictures of {file} not in val_dataloader.dataset' in out


def test_a_definition_with_faults_is_told_once(tiny_project):
    keypoints = {i: dict(name=f'k{i}') for i in range(15)}
    keypoints |= {15: dict(name='ear', swap='eye'), 16: dict(name='eye')}
    metainfo = dict(from_file='configs/_base_/datasets/coco.py', keypoint_info=keypoints)
    cfg = Config.fromfile('tiny.py')
    for section in ('train', 'val', 'test'):
        cfg[f'{section}_dataloader'].dataset.metainfo = dict(metainfo, skeleton_info={})
    found = check(cfg, 'tiny')
    assert found['faults'] == []
    told = [remark for remark in found['remarks'] if "'ear' swaps with 'eye'" in remark]
    assert len(told) == 1
    assert told[0].startswith('config: ')


def test_parts_of_a_report():
    report = Report()
    with report.part('a.b'):
        raise ValueError('bad value')
    with report.part('a.b'):
        raise FileNotFoundError('follows from it')
    with report.part('c'):
        raise RuntimeError
    assert report.faults[0] == 'a.b: bad value'
    assert report.faults[1].startswith('c: RuntimeError: without a message, in `raise RuntimeErr')
    assert len(report.faults) == 2
    assert described(KeyError('no such key')) == 'KeyError: no such key'
    assert examples([1, 2, 3], limit=2) == '1, 2 and 1 more'


def test_shapes_that_differ():
    items = [dict(inputs=SimpleNamespace(shape=(3, 64, w))) for w in (48, 64)]
    assert shapes_of(items) == {'inputs': [3, 64, 'N']}
