_red = [255, 0, 0]

# the mirror image of each of the 19 points; sides are those of the picture
_mirrors = [
    *range(5, -1, -1),  # brows, from left to right
    *range(11, 5, -1),  # eyes
    *range(14, 11, -1),  # nose
    *range(17, 14, -1),  # mouth
    18,  # chin
]

dataset_info = dict(
    dataset_name='aflw',
    paper_info=dict(
        author='Koestinger, Martin and Wohlhart, Paul and Roth, Peter M and Bischof, Horst',
        title='Annotated facial landmarks in the wild: A large-scale, real-world database for '
        'facial landmark localization',
        container='2011 IEEE international conference on computer vision workshops '
        '(ICCV workshops)',
        year='2011',
        homepage='https://www.tugraz.at/institute/icg/research/team-bischof/lrs/downloads/aflw/',
    ),
    keypoint_info={
        i: dict(name=f'kpt-{i}', id=i, color=_red, type='', swap=f'kpt-{j}' if i != j else '')
        for i, j in enumerate(_mirrors)
    },
    skeleton_info={},
    joint_weights=[1.0] * len(_mirrors),
    sigmas=[],
)

del _red, _mirrors
