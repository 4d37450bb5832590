import csv
import sys
from pathlib import Path

import numpy as np
import pytest

from mmpose.datasets import CocoDataset
from mmpose.datasets.converters import ConversionError, MissingPackageError, convert
from mmpose.datasets.converters.deeplabcut import read

CONFIG = """
Task: test
scorer: Ann
multianimalproject: false
bodyparts:
- snout
- leftear
- rightear
skeleton:
- - snout
  - leftear
- - bodypart1
  - bodypart2
"""
HEADER = """\
scorer,Ann,Ann,Ann,Ann,Ann,Ann
bodyparts,snout,snout,leftear,leftear,rightear,rightear
coords,x,y,x,y,x,y
"""
ROWS = """\
labeled-data/v/img0.png,10.5,20.25,30,24,,
labeled-data/v/img1.png,11,21,nan,nan,41.125,26
labeled-data/v/img2.png,,,,,,
"""
MULTI_CONFIG = """
scorer: Ann
multianimalproject: true
identity: true
individuals: [m1, m2]
uniquebodyparts: [corner]
multianimalbodyparts: [snout, tail]
bodyparts: MULTI!
skeleton: [[snout, tail]]
"""
MULTI = """\
scorer,,,Ann,Ann,Ann,Ann,Ann,Ann,Ann,Ann,Ann,Ann
individuals,,,m1,m1,m1,m1,m2,m2,m2,m2,single,single
bodyparts,,,snout,snout,tail,tail,snout,snout,tail,tail,corner,corner
coords,,,x,y,x,y,x,y,x,y,x,y
labeled-data,v,img0.png,1,2,3,4,5,6,7,8,60,40
labeled-data,v,img1.png,,,,,15,16,,,60,40
"""


@pytest.fixture
def project(tmp_path, picture, text):
    def make(config=CONFIG, table=HEADER + ROWS, name='CollectedData_Ann.csv'):
        folder = tmp_path / 'project'
        text(folder / 'config.yaml', config)
        text(folder / 'labeled-data' / 'v' / name, table)
        for i in range(3):
            picture(folder / 'labeled-data' / 'v' / f'img{i}.png')
        return folder

    return make


def labels(writer):
    return [np.reshape(ann['keypoints'], (-1, 3)).tolist() for ann in writer.annotations]


def test_single_animal(project, tmp_path):
    writer = read(project(), tmp_path)
    assert writer.keypoints == ['snout', 'leftear', 'rightear']
    assert writer.links == [('snout', 'leftear')]
    assert writer.swaps == dict(leftear='rightear', rightear='leftear')
    assert [image['file_name'] for image in writer.images] == ['v/img0.png', 'v/img1.png']
    assert labels(writer) == [
        [[10.5, 20.25, 2], [30, 24, 2], [0, 0, 0]],
        [[11, 21, 2], [0, 0, 0], [41.125, 26, 2]],
    ]
    assert writer.groups == {1: 'v', 2: 'v'}
    assert writer.examples == {
        'skeleton link to no body part': ['bodypart1 - bodypart2'],
        'picture without a label': ['v/img2.png'],
    }


def test_several_animals_in_three_index_columns(project, tmp_path):
    writer = read(project(MULTI_CONFIG, MULTI), tmp_path, category='mouse')
    assert writer.keypoints == ['snout', 'tail']
    assert labels(writer) == [
        [[1, 2, 2], [3, 4, 2]],
        [[5, 6, 2], [7, 8, 2]],
        [[15, 16, 2], [0, 0, 0]],
    ]
    assert [(ann['image_id'], ann['track_id']) for ann in writer.annotations] == [
        (1, 1),
        (1, 2),
        (2, 2),
    ]
    assert writer.categories == ['mouse']
    assert writer.examples == {'unique body part, which is of no animal': ['corner']}


def test_without_identity_there_are_no_tracks(project, tmp_path):
    writer = read(project(MULTI_CONFIG.replace('identity: true', ''), MULTI), tmp_path)
    assert not any('track_id' in ann for ann in writer.annotations)


def test_body_parts_may_be_absent_from_a_table(project, tmp_path):
    table = 'scorer,Ann,Ann\nbodyparts,rightear,rightear\ncoords,x,y\nlabeled-data/v/img1.png,7,8\n'
    assert labels(read(project(table=table), tmp_path)) == [[[0, 0, 0], [0, 0, 0], [7, 8, 2]]]


def test_paths_of_windows(project, tmp_path):
    table = HEADER + 'labeled-data\\w\\img1.png,1,2,3,4,5,6\n'
    assert read(project(table=table), tmp_path).images[0]['file_name'] == 'v/img1.png'


def test_scorer_is_chosen(project, tmp_path, text):
    folder = project()
    other = folder / 'labeled-data' / 'v' / 'CollectedData_Bob.csv'
    text(other, (HEADER + 'labeled-data/v/img1.png,1,2,3,4,5,6\n').replace('Ann', 'Bob'))
    assert len(read(folder, tmp_path).annotations) == 2
    assert labels(read(folder, tmp_path, scorer='Bob')) == [[[1, 2, 2], [3, 4, 2], [5, 6, 2]]]
    with pytest.raises(ConversionError, match="has labels by Ann, Bob, none by 'Eve'; say whose"):
        read(folder, tmp_path, scorer='Eve')


def test_converted_project_is_loaded(project, tmp_path):
    result = convert('deeplabcut', project(), tmp_path / 'out')
    dataset = CocoDataset(
        'annotations.json',
        data_root=str(tmp_path / 'out'),
        data_prefix=dict(img='../project/labeled-data'),
        metainfo=dict(from_file=str(tmp_path / 'out' / 'metainfo.py')),
    )
    assert (result.num_images, result.num_usable) == (dict(annotations=2), dict(annotations=2))
    item = dataset[1]
    assert item['keypoints'].tolist() == [[[11, 21], [0, 0], [41.125, 26]]]
    assert item['keypoints_visible'].tolist() == [[1, 0, 1]]
    assert Path(item['img_path']).is_file()
    assert 'dropped 1: picture without a label, such as v/img2.png' in result.text


@pytest.mark.parametrize(
    ('table', 'message'),
    [
        (
            HEADER + 'a/img0.png,1,2,3\n',
            r"Ann\.csv', line 4: 4 fields; expected 7",
        ),
        (HEADER + ROWS + 'a/img0.png,1,2,3,4,5,six\n', r"line 7: 'six' is no number"),
        ('x,y\n1,2\n', r'starts with the lines x, 1; expected scorer, \(individuals,\) bodyparts'),
        ('', 'starts with the lines of nothing'),
        (HEADER.replace('snout', 'tail') + ROWS, r"labels 'tail', which config.yaml does not list"),
        (HEADER.replace(',x,y\n', ',x\n') + ROWS, 'header lines have different lengths'),
    ],
    ids=['fields', 'number', 'header', 'empty', 'bodypart', 'lengths'],
)
def test_malformed_tables(project, tmp_path, table, message):
    with pytest.raises(ConversionError, match=message):
        read(project(table=table), tmp_path)


@pytest.mark.parametrize(
    ('config', 'message'),
    [
        ('bodyparts: MULTI!\n', r"bodyparts is 'MULTI!'; expected the list of the body parts"),
        ('bodyparts: [a, a]\n', r"keypoints is \['a', 'a'\]; expected different names"),
        ('- a\n- b\n', 'has no `key: value` lines'),
        ('a: [\n', r'is not YAML: .*line 2'),
    ],
    ids=['bodyparts', 'twice', 'list', 'syntax'],
)
def test_malformed_configs(project, tmp_path, config, message):
    with pytest.raises(ConversionError, match=f'(?s){message}'):
        read(project(config=config), tmp_path)


def test_tables_that_are_no_text(project, tmp_path):
    folder = project()
    table = folder / 'labeled-data' / 'v' / 'CollectedData_Ann.csv'
    table.write_bytes(HEADER.encode() + b'caf\xe9.png,1,2,3,4,5,6\n')
    with pytest.raises(ConversionError, match=r"Ann\.csv' is no CSV text: 'utf-8' codec can't"):
        read(folder, tmp_path)


def test_other_folders(tmp_path, text):
    with pytest.raises(FileNotFoundError, match=r'There is nothing at .*give the path of a'):
        read(tmp_path / 'nowhere', tmp_path)
    text(tmp_path / 'x.txt', '')
    with pytest.raises(FileNotFoundError, match=r'looked for config\.yaml or .*, found x\.txt'):
        read(tmp_path, tmp_path)
    text(tmp_path / 'config.yaml', CONFIG)
    with pytest.raises(FileNotFoundError, match=r'There is nothing at .*labeled-data'):
        read(tmp_path, tmp_path)


def test_pictures_missing(project, tmp_path):
    folder = project()
    (folder / 'labeled-data' / 'v' / 'img0.png').unlink()
    result = convert('deeplabcut', folder, tmp_path / 'out')
    assert 'dropped 1: picture missing, such as v/img0.png' in result.text
    (folder / 'labeled-data' / 'v' / 'img1.png').unlink()
    with pytest.raises(FileNotFoundError, match=r'None of the 2 pictures is in .*v/img0\.png'):
        convert('deeplabcut', folder, tmp_path / 'out')


def test_hdf5_alone_needs_packages(project, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, 'tables', None)
    folder = project(name='CollectedData_Ann.h5')
    with pytest.raises(MissingPackageError, match='install it with `pip install pandas tables`'):
        read(folder, tmp_path)


def test_hdf5_and_csv_agree(project, tmp_path):
    pandas = pytest.importorskip('pandas')
    pytest.importorskip('tables')
    folder = project(MULTI_CONFIG, MULTI)
    expected = read(folder, tmp_path)
    path = folder / 'labeled-data' / 'v' / 'CollectedData_Ann.csv'
    frame = pandas.read_csv(path, header=[0, 1, 2, 3], index_col=[0, 1, 2])
    path.unlink()
    frame.to_hdf(path.with_suffix('.h5'), key='df_with_missing', mode='w')
    assert read(folder, tmp_path).annotations == expected.annotations


def test_openfield(tmp_path):
    source = Path(__file__).parents[4] / 'shared' / 'data' / 'openfield'
    if not source.is_dir():
        pytest.skip('there is no ../shared/data/openfield')
    result = convert('deeplabcut', source, tmp_path, val_share=0.05, category='mouse')
    assert result.num_images == result.num_usable == dict(train=110, val=6)
    with open(source / 'labeled-data' / 'm4s1' / 'CollectedData_Pranav.csv') as file:
        rows = {row[0].split('/')[-1]: row[1:] for row in list(csv.reader(file))[3:]}
    for part in ('train', 'val'):
        dataset = CocoDataset(
            f'{part}.json',
            data_root=str(tmp_path),
            data_prefix=dict(img=result.image_prefix),
            metainfo=dict(from_file=result.metainfo),
        )
        for item in dataset:
            row = np.array(rows[Path(item['img_path']).name], dtype=np.float32)
            np.testing.assert_array_equal(item['keypoints'], row.reshape(1, 4, 2))
            assert Path(item['img_path']).is_file()
