import pytest

from mmpose.structures.keypoint import mirrors_by_name, side_of


@pytest.mark.parametrize(
    ('one', 'other'),
    [
        ('left_ear', 'right_ear'),
        ('leftear', 'rightear'),
        ('LeftEar', 'RightEar'),
        ('earLeft', 'earRight'),
        ('LEFT EAR', 'RIGHT EAR'),
        ('ear_l', 'ear_r'),
        ('L_ear', 'R_ear'),
        ('ear-L-1', 'ear-R-1'),
        ('l ear', 'r ear'),
    ],
)
def test_sides_in_names(one, other):
    assert mirrors_by_name([one, 'nose', other]) == {one: other, other: one}


@pytest.mark.parametrize(
    'names', [['left_ear', 'nose'], ['bright', 'bleft_x'], ['lear', 'rear'], ['tail1', 'tair1']]
)
def test_names_without_a_counterpart_stay_alone(names):
    assert mirrors_by_name(names) == {}


@pytest.mark.parametrize(
    ('name', 'side'),
    [('LeftEar', 'left'), ('ear_R', 'right'), ('nose', None), ('collar', None), ('tail', None)],
)
def test_side_of_a_name(name, side):
    assert side_of(name) == side
