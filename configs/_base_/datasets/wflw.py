_red = [255, 0, 0]

# the mirror image of each of the 98 points; sides are those of the picture
_mirrors = [
    *range(32, -1, -1),  # jaw, from the left ear to the right one
    *(46, 45, 44, 43, 42, 50, 49, 48, 47),  # left brow: the upper edge, then the lower one
    *(37, 36, 35, 34, 33, 41, 40, 39, 38),  # right brow
    *range(51, 55),  # ridge of the nose
    *range(59, 54, -1),  # nostrils
    *(72, 71, 70, 69, 68, 75, 74, 73),  # left eye: the upper lid, then the lower one
    *(64, 63, 62, 61, 60, 67, 66, 65),  # right eye
    *range(82, 75, -1),  # outline of the lips: above, then below
    *range(87, 82, -1),
    *range(92, 87, -1),  # the mouth within the lips: above, then below
    *range(95, 92, -1),
    *(97, 96),  # pupils
]

dataset_info = dict(
    dataset_name='wflw',
    paper_info=dict(
        author='Wu, Wayne and Qian, Chen and Yang, Shuo and Wang, Quan and Cai, Yici and '
        'Zhou, Qiang',
        title='Look at boundary: A boundary-aware face alignment algorithm',
        container='Proceedings of the IEEE conference on computer vision and pattern recognition',
        year='2018',
        homepage='https://wywu.github.io/projects/LAB/WFLW.html',
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
