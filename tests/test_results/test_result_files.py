import csv
import json
import math
import signal
import subprocess
import sys
import time
import tracemalloc

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mmpose.results import (
    CsvWriter,
    JsonLinesWriter,
    JsonWriter,
    ParquetWriter,
    PoseResult,
    PoseResults,
    iter_results,
    open_writer,
    read_results,
    readers,
    restricted,
    writers,
)
from mmpose.results.skeleton import to_plain
from mmpose.structures import parse_pose_metainfo

COCO = parse_pose_metainfo(dict(from_file='configs/_base_/datasets/coco.py'))
WRISTS = restricted(COCO, [9, 10])
SUFFIXES = ['.jsonl', '.json', '.csv', '.parquet']


@pytest.fixture(params=SUFFIXES)
def suffix(request):
    if request.param == '.parquet':
        pytest.importorskip('pyarrow')
    return request.param


def small(**fields):
    return PoseResult(
        [[[1.5, 2.25], [np.nan, np.nan]]],
        [[0.3, 1.5]],
        ['paw', 'tail'],
        bboxes=[[0, 1, 20, 30.5]],
        bbox_scores=[0.9],
        **fields,
    )


def crowd(index, N=3, meta=COCO, **fields):
    rng = np.random.default_rng(index)
    K = meta['num_keypoints']
    return PoseResult(
        rng.random((N, K, 2)) * 640,
        rng.random((N, K)),
        meta,
        bboxes=rng.random((N, 4)) * 640,
        bbox_scores=rng.random(N),
        track_ids=np.arange(N),
        source='clip.mp4',
        frame_index=index,
        timestamp=index / 30,
        size=(480, 640),
        **fields,
    )


# ---- the text of files


def test_a_line_of_json():
    result = small(source='ein "Bär".jpg', track_ids=[7], frame_index=0, timestamp=0.04)
    assert result.to_json() == (
        '{"source":"ein \\"Bär\\".jpg","frame_index":0,"timestamp":0.04,"size":null,'
        f'"metainfo":{json.dumps(to_plain(result.metainfo), separators=(",", ":"))},'
        '"instances":[{"track_id":7,"bbox":[[0,1,20,30.5]],"bbox_score":0.9,'
        '"keypoints":[[1.5,2.25],[null,null]],"keypoint_scores":[0.3,1.5],'
        '"keypoint_conf":[0.3,1]}]}'
    )


def test_lines_name_the_keypoints_once(tmp_path):
    path = tmp_path / 'new' / 'r.jsonl'
    other = crowd(2, N=0, meta=WRISTS)
    with open_writer(path) as writer:
        for result in (crowd(0), crowd(1).part(list(range(17))), other, other):
            writer.write(result)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line.get('metainfo', {}).get('dataset_name') for line in lines] == [
        'coco',
        None,
        'coco',
        None,
    ]
    assert lines[0]['metainfo']['keypoint_names'][:2] == ['nose', 'left_eye']
    assert lines[2]['metainfo']['keypoint_names'] == ['left_wrist', 'right_wrist']
    back = read_results(path)
    assert back[1] == crowd(1)
    assert back[3] == other
    assert back[1].metainfo['skeleton_links'] == COCO['skeleton_links']


def test_a_table_of_csv():
    lines = PoseResults([small(track_ids=[7], frame_index=2, size=(4, 5)), small()[:0]]).to_csv()
    assert lines == (
        'frame,source,timestamp,instance,track,keypoint,x,y,score,conf,'
        'left,top,right,bottom,box_score,height,width\n'
        '2,,,0,7,paw,1.5,2.25,0.3,0.3,0,1,20,30.5,0.9,4,5\n'
        '2,,,0,7,tail,,,1.5,1,0,1,20,30.5,0.9,4,5\n'
        ',,,,,,,,,,,,,,,,\n'
    )


def test_a_table_of_3d_poses():
    result = PoseResult([[[1, 2, 3]]], [[1]], ['a'], keypoints_3d=[[[4, 5, 6]]])
    header, row = csv.reader(result.to_csv().splitlines())
    assert header[6:14] == ['x', 'y', 'z', 'score', 'conf', 'x_3d', 'y_3d', 'z_3d']
    assert row[6:14] == ['1', '2', '3', '1', '1', '4', '5', '6']


def test_json_is_an_object_or_an_array(tmp_path):
    results = PoseResults([crowd(0), crowd(1)])
    assert json.loads(results.to_json())[1]['frame_index'] == 1
    assert PoseResults().to_json() == '[]'
    results.to_json(tmp_path / 'many.json')
    results[0].to_json(tmp_path / 'one.json')
    assert read_results(tmp_path / 'many.json') == results
    assert read_results(tmp_path / 'one.json') == results[:1]
    results.to_csv(tmp_path / 'many.csv')
    assert (tmp_path / 'many.csv').read_text() == results.to_csv()


def test_what_is_not_finite_is_null():
    result = PoseResult([[[np.inf, -np.inf]]], [[np.nan]], ['a'], bbox_scores=[-np.inf])
    instance = json.loads(result.to_json(), parse_constant=pytest.fail)['instances'][0]
    assert instance['keypoints'] == [[None, None]]
    assert instance['keypoint_scores'] == [instance['bbox_score']] == [None]


# ---- round trips

names = st.lists(
    st.text(st.characters(exclude_categories=['Cs'], exclude_characters='\0'), min_size=1),
    min_size=1,
    max_size=4,
    unique=True,
)
numbers = st.floats(width=32, allow_infinity=False)
fractions = st.floats(0, 1, width=32)


@st.composite
def result_lists(draw):
    keypoints = draw(names)
    K, D = len(keypoints), draw(st.sampled_from([2, 3]))
    lifted, boxed, tracked = draw(st.booleans()), draw(st.booleans()), draw(st.booleans())

    def floats(*shape, elements=numbers):
        return draw(arrays(np.float32, shape, elements=elements))

    def one():
        N = draw(st.integers(0, 3))
        return PoseResult(
            floats(N, K, D),
            floats(N, K),
            keypoints,
            keypoint_conf=floats(N, K, elements=fractions) if draw(st.booleans()) else None,
            keypoints_3d=floats(N, K, 3) if lifted else None,
            bboxes=floats(N, 4, elements=fractions) if boxed else None,
            bbox_scores=floats(N, elements=fractions) if boxed else None,
            track_ids=draw(st.lists(st.integers(-1, 2**40), min_size=N, max_size=N))
            if tracked
            else None,
            source=draw(st.none() | st.text(st.characters(exclude_characters='\0'), min_size=1)),
            frame_index=draw(st.none() | st.integers(0, 2**40)),
            timestamp=draw(st.none() | st.floats(0, 1e6)),
            size=draw(st.none() | st.tuples(st.integers(1, 9999), st.integers(1, 9999))),
        )

    return PoseResults([one() for _ in range(draw(st.integers(0, 4)))]), keypoints


@settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(result_lists())
def test_results_come_back(suffix, tmp_path, drawn):
    results, keypoints = drawn
    path = tmp_path / f'r{suffix}'
    results.save(path)
    back = read_results(path, keypoints)
    if suffix == '.parquet':  # which has no text but Unicode
        for result in results:
            source = result.source
            result.source = source and source.encode(errors='backslashreplace').decode()
    assert back == results
    if any(map(len, results)):
        assert read_results(path)[0].names == tuple(keypoints)


@pytest.mark.parametrize('rows', [1, 7, 17, 100])
def test_pieces_of_a_table_end_anywhere(suffix, rows, tmp_path, monkeypatch):
    monkeypatch.setattr(readers, '_ROWS', rows)
    monkeypatch.setattr(writers, '_ROWS_PER_GROUP', rows)
    results = PoseResults(crowd(i, N) for i, N in enumerate([0, 0, 3, 1, 0, 2, 1, 1, 0]))
    results.save(tmp_path / f'r{suffix}')
    assert read_results(tmp_path / f'r{suffix}') == results


def test_definitions_come_back(suffix, tmp_path):
    path = tmp_path / f'r{suffix}'
    PoseResults([crowd(0)]).save(path)
    links = [] if suffix == '.csv' else COCO['skeleton_links']
    assert read_results(path)[0].metainfo['skeleton_links'] == links
    given_one = read_results(path, dict(from_file='configs/_base_/datasets/coco.py'))
    assert given_one[0].metainfo['skeleton_links'] == COCO['skeleton_links']
    with pytest.raises(ValueError, match=r'defines 2; give|is keypoint .nose. of instance 0, but'):
        read_results(path, WRISTS)


def test_parquet_for_other_programs(tmp_path):
    pd = pytest.importorskip('pandas')
    pytest.importorskip('pyarrow')
    results = PoseResults([crowd(0), crowd(1, N=0)])
    results.save(tmp_path / 'r.parquet')
    frame = pd.read_parquet(tmp_path / 'r.parquet')
    ours = results.to_dataframe()
    assert list(frame) == list(ours)
    np.testing.assert_array_equal(frame.x, ours.x)
    assert frame.keypoint.astype(object).equals(ours.keypoint.astype(object))
    table = pd.read_csv(results.to_csv(tmp_path / 'r.csv') or tmp_path / 'r.csv')
    np.testing.assert_allclose(table.x, ours.x, rtol=1e-6)


# ---- interrupts


class Stopped(BaseException):
    """Like Ctrl-C, which pytest would take for itself."""


def raise_stopped(*args):
    raise Stopped


def test_an_error_leaves_whole_results(suffix, tmp_path):
    path = tmp_path / f'r{suffix}'

    def write_and_stop():
        with open_writer(path) as writer:
            writer.write(crowd(0))
            writer.write(crowd(1))
            raise_stopped()

    with pytest.raises(Stopped):
        write_and_stop()
    assert read_results(path) == PoseResults([crowd(0), crowd(1)])
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


@pytest.mark.skipif(not hasattr(signal, 'setitimer'), reason='this system has no timers')
def test_an_interrupt_at_any_moment(suffix, tmp_path, monkeypatch):
    monkeypatch.setattr(writers, '_ROWS_PER_GROUP', 500)
    before = signal.signal(signal.SIGALRM, raise_stopped)
    frames = [crowd(i) for i in range(20)]
    try:
        for attempt in range(12):
            path, written = tmp_path / f'{attempt}{suffix}', 0
            try:
                with open_writer(path) as writer:
                    signal.setitimer(signal.ITIMER_REAL, 0.002 + 0.0013 * attempt)
                    while True:
                        writer.write(frames[written % 20])
                        written += 1
            except Stopped:
                pass
            back = read_results(path)
            assert len(back) <= written + 1
            assert len(back) >= written or suffix == '.parquet'  # which writes in groups
            for i, result in enumerate(back):
                assert result == frames[i % 20]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


_ENDLESS = """
import sys
from mmpose.results import PoseResult, open_writer
with open_writer(sys.argv[1]) as writer:
    i = 0
    while True:
        writer.write(PoseResult([[[i, 2]]], [[0.5]], ['a'], frame_index=i))
        i += 1
"""


def hears_interrupts():
    """Undo what a shell does to programs in its background, which do not hear Ctrl-C."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.mark.parametrize('stop', ['SIGINT', 'SIGKILL'])
def test_a_process_that_is_stopped(stop, tmp_path):
    path = tmp_path / 'r.jsonl'
    process = subprocess.Popen(
        [sys.executable, '-c', _ENDLESS, path],
        stderr=subprocess.DEVNULL,
        preexec_fn=hears_interrupts,
    )
    deadline = time.monotonic() + 60
    while not (path.is_file() and path.stat().st_size > 20000) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(getattr(signal, stop, signal.SIGTERM))
    process.wait(60)
    back = read_results(path)
    assert len(back) > 100
    assert [result.frame_index for result in back] == list(range(len(back)))


def test_a_line_that_was_cut_is_left_out(tmp_path):
    path = tmp_path / 'r.jsonl'
    PoseResults([crowd(0), crowd(1)]).save(path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.warns(UserWarning, match='ends within line 2, which is left out'):
        assert read_results(path) == PoseResults([crowd(0)])


def test_memory_does_not_grow(suffix, tmp_path, monkeypatch):
    monkeypatch.setattr(writers, '_ROWS_PER_GROUP', 1000)
    path = tmp_path / f'r{suffix}'
    with open_writer(path) as writer:
        for i in range(60):
            writer.write(crowd(i % 7))
        tracemalloc.start()
        for i in range(60):
            writer.write(crowd(i % 7))
        first = tracemalloc.get_traced_memory()[0]
        for i in range(240):
            writer.write(crowd(i % 7))
        grown = tracemalloc.get_traced_memory()[0] - first
        tracemalloc.stop()
    assert grown < 200_000  # all 240 are a megabyte of text
    assert sum(1 for _ in iter_results(path)) == 360


# ---- what goes wrong


def test_unknown_formats():
    message = r'r\.txt must end in \.jsonl, \.json, \.csv, \.parquet, which tells the format'
    with pytest.raises(ValueError, match=message):
        open_writer('r.txt')
    with pytest.raises(ValueError, match=message):
        read_results('r.txt')


def test_formats_by_suffix(tmp_path):
    kinds = [JsonLinesWriter, JsonWriter, CsvWriter]
    for suffix, kind in zip(['.JSONL', '.json', '.csv'], kinds, strict=True):
        with open_writer(tmp_path / f'r{suffix}') as writer:
            assert type(writer) is kind
    pytest.importorskip('pyarrow')
    with open_writer(tmp_path / 'r.parquet') as writer:
        assert type(writer) is ParquetWriter


def test_files_without_results(suffix, tmp_path):
    path = tmp_path / f'r{suffix}'
    with open_writer(path):
        pass
    assert len(read_results(path)) == 0


def test_a_closed_writer(suffix, tmp_path):
    with open_writer(tmp_path / f'r{suffix}') as writer:
        writer.write(crowd(0))
    writer.close()
    with pytest.raises(ValueError, match=rf'r{suffix} is closed; write before'):
        writer.write(crowd(1))
    assert read_results(tmp_path / f'r{suffix}') == PoseResults([crowd(0)])


@pytest.mark.parametrize('suffix', ['.csv', '.parquet'])
def test_tables_are_of_one_kind_of_pose(suffix, tmp_path):
    pytest.importorskip('pyarrow')
    with open_writer(tmp_path / f'r{suffix}') as writer:
        writer.write(crowd(0))
        with pytest.raises(ValueError, match='after 17 keypoints in 2D come 2 keypoints in 2D'):
            writer.write(crowd(1, meta=WRISTS))
        deep = PoseResult(np.zeros((1, 17, 3)), np.zeros((1, 17)), COCO)
        with pytest.raises(ValueError, match='come 17 keypoints in 3D; write one table for each'):
            writer.write(deep)
    assert read_results(tmp_path / f'r{suffix}') == PoseResults([crowd(0)])


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        ('{"instances":[]}\nx\n', r'r\.jsonl, line 2, is no JSON'),
        ('{}\n', r"line 1, is no result: it has no 'instances'. It needs `instances`"),
        ('[]\n', r'line 1, is no result'),
        ('{"instances":[{"keypoints":[[1,2]]}]}\n', "it has no 'keypoint_scores'"),
        (
            '{"instances":[{"keypoints":[[1,2]],"keypoint_scores":[1,2]}]}\n',
            'keypoint_scores has shape',
        ),
    ],
)
def test_lines_that_are_no_results(content, message, tmp_path):
    (tmp_path / 'r.jsonl').write_text(content)
    with pytest.raises(ValueError, match=message):
        read_results(tmp_path / 'r.jsonl')


def test_json_that_is_none(tmp_path):
    (tmp_path / 'r.json').write_text('[')
    with pytest.raises(ValueError, match=r'r\.json is no JSON'):
        read_results(tmp_path / 'r.json')
    with pytest.raises(FileNotFoundError):
        read_results(tmp_path / 'none.json')


@pytest.mark.parametrize(('gone', 'place'), [(1, 17), (2, 18), (20, 20), (51, 50)])
def test_tables_that_lack_rows(gone, place, tmp_path):
    path = tmp_path / 'r.csv'
    PoseResults([crowd(0)]).save(path)
    lines = path.read_text().splitlines(keepends=True)
    del lines[gone]
    path.write_text(''.join(lines))
    with pytest.raises(ValueError, match=f'row {place} below .* all keypoints of each instance'):
        read_results(path)


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        ('0,clip.mp4', r'r\.csv, row 52 below the names, has 2 cells for 17 columns'),
        ('0,clip.mp4,0,0,0,nose,1,left,1,1,,,,,,,', "no numbers in its column y: .*'left'"),
    ],
)
def test_rows_that_are_none(content, message, tmp_path):
    PoseResults([crowd(0)]).save(tmp_path / 'r.csv')
    with open(tmp_path / 'r.csv', 'a') as file:
        file.write(content)
    with pytest.raises(ValueError, match=message):
        read_results(tmp_path / 'r.csv')


def test_tables_that_lack_columns(tmp_path):
    (tmp_path / 'r.csv').write_text('frame,x,y\n')
    with pytest.raises(ValueError, match=r'has no column bottom, box_score, conf, .* no table of'):
        read_results(tmp_path / 'r.csv')


def test_timestamps_are_exact(suffix, tmp_path):
    result = crowd(0)
    result.timestamp = math.pi
    PoseResults([result]).save(tmp_path / f'r{suffix}')
    assert read_results(tmp_path / f'r{suffix}')[0].timestamp == math.pi
