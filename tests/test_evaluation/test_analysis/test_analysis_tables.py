import io
import json

import numpy as np
import pytest
from oks_sets import detections, ground_truth
from pose_sets import one_person, random_records, records
from rich.console import Console

from mmpose.evaluation.analysis import analyse, print_analysis


def printed(report, width=80):
    console = Console(width=width, file=io.StringIO())
    print_analysis(report, console)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def cells(lines, name):
    """The cells of the first row that starts with a name."""
    return next(line.split() for line in lines if line.split()[:1] == [name])


def test_numbers_of_the_overview():
    # the similarities 0.779, 0.809, 1 and 0 are an OKS of 0.647, which reaches 3 of 10 thresholds
    lines = printed(analyse(one_person([[3, 4], [0, 4.6], [0, 0], [0, 99]])))
    assert lines[0] == 'set'
    assert [line.split() for line in lines[3:10]] == [
        ['AP', '30.0', 'images', '1'],
        ['AP', '.5', '100.0', 'instances', '1'],
        ['AP', '.75', '0.0', 'found', '1', '100.0'],
        ['AR', '30.0', 'missed', '0', '0.0'],
        ['PCK', 'at', '0.05', '50.0', 'detections', '1'],
        ['median', 'error,', 'px', '4.8', 'background', '0', '0.0'],
        ['duplicate', '0', '0.0'],
    ]


def test_rows_of_kinds_and_keypoints():
    lines = printed(analyse(one_person([[1000, 3], [0, 0]], flip_indices=[1, 0])))
    assert 'Kinds of error of 2 keypoints' in lines
    assert cells(lines, 'good') == ['good', '50.0']
    assert cells(lines, 'inversion') == ['inversion', '50.0', '100.0', '+90.0']
    assert cells(lines, 'miss') == ['miss', '0.0', '10.0', '+0.0']
    assert cells(lines, 'all') == ['all', '100.0', '+90.0']
    shares = ['0.0', '0.0', '100.0', '0.0', '0.0']
    assert cells(lines, 'k0') == ['k0', '1', '0.0', '0.0', '1000.0', *shares]
    shares = ['50.0', '0.0', '50.0', '0.0', '0.0']
    assert cells(lines, 'small') == ['small', '1', '10.0', '50.0', '500.0', *shares]
    assert not any(line.split()[:1] == ['medium'] for line in lines)  # no instance
    assert cells(lines, '0.9') == ['0.9', '1', '0.90', '0.50', '2', '1.00', '0.50']
    assert cells(lines, 'ECE') == ['ECE', '0.40', '0.50']
    assert cells(lines, 'correlation') == ['correlation', '-', '-']


@pytest.mark.parametrize('width', [80, 120])
def test_no_line_is_wider_than_the_console_and_numbers_are_complete(width):
    names = ['nose', *(f'{side}_shoulder' for side in ('left', 'right')), 'right_pinky_4', 'k']
    report = analyse(random_records(1, keypoint_names=names))
    lines = printed(report, width)
    assert max(map(len, lines)) <= 80
    assert '…' not in ''.join(lines)
    for row in report['keypoints']:
        assert cells(lines, row['name'])[1] == str(row['labelled'])
        assert len(cells(lines, row['name'])) == 10


def test_of_many_keypoints_those_of_the_lowest_precision_are_shown():
    names = [f'point_{k}' for k in range(60)]
    labels = np.zeros((1, 60, 3))
    labels[..., 2] = 2
    labels[0, 5, 2] = 0
    points = labels[..., :2].copy()
    points[0, 57] = 1000
    made = records(ground_truth(labels, area=50), detections(points, [1]), keypoint_names=names)
    lines = printed(analyse(made))
    assert 'Keypoints (the 40 of 60 with the lowest AP)' in lines
    shown = [line.split()[0] for line in lines if line.startswith('point_')]
    assert len(shown) == 40
    assert shown[0] == 'point_57'
    assert 'point_5' not in shown  # nothing to measure


def test_brackets_and_colons_stand_as_they_are():
    made = one_person([[0, 0]], dataset_name='[red]set', keypoint_names=[':smile:[bold]'])
    lines = printed(analyse(made))
    assert lines[0] == '[red]set'
    assert cells(lines, ':smile:[bold]')[1] == '1'


def test_nothing_to_measure_and_assumed_sigmas():
    gts = ground_truth(np.zeros((0, 1, 3)))
    made = records(gts, detections(np.zeros((0, 1, 2)), []), sigmas=None, dataset_name='')
    lines = printed(json.loads(json.dumps(analyse(made))))
    assert lines[0] == 'Analysis (without sigmas; 0.05 is assumed for every keypoint)'
    assert cells(lines, 'k0') == ['k0', '0', *['-'] * 8]
    assert cells(lines, 'jitter') == ['jitter', '-', '-', '-']
    assert 'nan' not in ' '.join(lines)


def test_standard_output_is_the_default(capsys):
    print_analysis(analyse(one_person([[0, 0]])))
    out = capsys.readouterr().out
    assert out.startswith('set')
    assert 'Calibration: scores against what they promise' in out
