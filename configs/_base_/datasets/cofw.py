_red = [255, 0, 0]

# the mirror image of each of the 29 points; sides are those of the picture
_mirrors = [
    *(1, 0, 3, 2),  # brows: outer ends, inner ends
    *(6, 7, 4, 5),  # their middles: above and below of the left one, then of the right one
    *(9, 8, 11, 10),  # eyes: outer corners, inner corners
    *(14, 15, 12, 13),  # their lids: above and below of the left one, then of the right one
    *(17, 16),  # pupils
    *(19, 18, 20, 21),  # nose: its sides, then the points on the axis
    *(23, 22),  # corners of the mouth
    *range(24, 29),  # lips and chin, on the axis
]

dataset_info = dict(
    dataset_name='cofw',
    paper_info=dict(
        author=r'Burgos-Artizzu, Xavier P and Perona, Pietro and Doll{\'a}r, Piotr',
        title='Robust face landmark estimation under occlusion',
        container='Proceedings of the IEEE international conference on computer vision',
        year='2013',
        homepage='http://www.vision.caltech.edu/xpburgos/ICCV13/',
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
