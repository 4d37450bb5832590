_red = [255, 0, 0]

# the mirror image of each of the 68 points (iBUG mark-up); sides are those of the picture
_mirrors = [
    *range(16, -1, -1),  # jaw, from the left ear to the right one
    *range(26, 16, -1),  # brows
    *range(27, 31),  # ridge of the nose
    *range(35, 30, -1),  # nostrils
    *(45, 44, 43, 42, 47, 46),  # left eye: the upper lid, then the lower one
    *(39, 38, 37, 36, 41, 40),  # right eye
    *range(54, 47, -1),  # outline of the lips: above, then below
    *range(59, 54, -1),
    *range(64, 59, -1),  # the mouth within the lips: above, then below
    *range(67, 64, -1),
]

dataset_info = dict(
    dataset_name='300w',
    paper_info=dict(
        author='Sagonas, Christos and Antonakos, Epameinondas and Tzimiropoulos, Georgios and '
        'Zafeiriou, Stefanos and Pantic, Maja',
        title='300 faces in-the-wild challenge: Database and results',
        container='Image and vision computing',
        year='2016',
        homepage='https://ibug.doc.ic.ac.uk/resources/300-W/',
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
