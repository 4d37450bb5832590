import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmpose.datasets.converters import CocoWriter, ConversionError
from mmpose.datasets.converters.splitting import split_images


def writer_of(names, groups=None, splits=None):
    writer = CocoWriter(['a'])
    for i, name in enumerate(names):
        writer.add_image(name, 9, 9, group=groups and groups[i], split=splits and splits[i])
    return writer


NAMES = [f'{i:03d}.png' for i in range(116)]


def test_share_of_the_pictures():
    parts, how = split_images(writer_of(NAMES), 0.05, seed=0)
    assert {part: len(ids) for part, ids in parts.items()} == dict(train=110, val=6)
    assert sorted(parts['train'] + parts['val']) == list(range(1, 117))
    assert how == 'drawn picture by picture with seed 0'


def test_seed_and_names_decide_not_the_order():
    first, _ = split_images(writer_of(NAMES), 0.05, seed=3)
    backwards = NAMES[::-1]
    second, _ = split_images(writer_of(backwards), 0.05, seed=3)
    assert {NAMES[i - 1] for i in first['val']} == {backwards[i - 1] for i in second['val']}
    assert first != split_images(writer_of(NAMES), 0.05, seed=4)[0]


def test_groups_stay_together():
    groups = ['a'] * 5 + ['b'] * 5 + ['c'] * 5 + ['d'] * 5
    parts, how = split_images(writer_of(NAMES[:20], groups), 0.25)
    assert {groups[i - 1] for i in parts['val']}.isdisjoint(groups[i - 1] for i in parts['train'])
    assert len(parts['val']) == 5
    assert how == 'drawn of 4 groups with seed 0'
    parts, _ = split_images(writer_of(NAMES[:20], groups), 0.25, split_by='image')
    assert len({groups[i - 1] for i in parts['val']}) > 1


def test_one_group_is_split_by_picture_unless_asked():
    writer = writer_of(NAMES[:20], ['a'] * 20)
    assert len(split_images(writer, 0.1)[0]['val']) == 2
    with pytest.raises(ConversionError, match='20 pictures in 1 group cannot be split; use'):
        split_images(writer, 0.1, split_by='group')


def test_parts_of_the_source():
    writer = writer_of(NAMES[:3], splits=['train', 'val', 'train'])
    assert split_images(writer) == (dict(train=[1, 3], val=[2]), 'as the source says')
    assert split_images(writer_of(NAMES[:3])) == (dict(annotations=[1, 2, 3]), '')


@pytest.mark.parametrize('share', [-0.1, 1, 95])
def test_bad_share(share):
    with pytest.raises(ConversionError, match='expected 0 or more and less than 1'):
        split_images(writer_of(NAMES), share)


def test_bad_unit():
    with pytest.raises(ConversionError, match="split_by is 'video'; expected 'group' or 'image'"):
        split_images(writer_of(NAMES), 0.1, split_by='video')


@settings(deadline=None)
@given(
    groups=st.text('abcdef', min_size=2, max_size=40),
    share=st.floats(0.01, 0.99),
    seed=st.integers(0, 99),
)
def test_both_parts_have_pictures(groups, share, seed):
    writer = writer_of([f'{i}.png' for i in range(len(groups))], groups)
    parts, _ = split_images(writer, share, seed)
    assert parts['train']
    assert parts['val']
    assert sorted(parts['train'] + parts['val']) == list(range(1, len(groups) + 1))
