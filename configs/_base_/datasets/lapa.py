_red = [255, 0, 0]

# the mirror image of each of the 106 points; sides are those of the picture
_mirrors = [
    *range(32, -1, -1),  # jaw, from the left ear to the right one
    *(46, 45, 44, 43, 42, 50, 49, 48, 47),  # left brow: the upper edge, then the lower one
    *(37, 36, 35, 34, 33, 41, 40, 39, 38),  # right brow
    *range(51, 55),  # ridge of the nose
    *range(65, 54, -1),  # sides and nostrils of the nose
    *(79, 78, 77, 76, 75, 82, 81, 80, 83),  # left eye: upper lid, lower lid, a point inside
    *(70, 69, 68, 67, 66, 73, 72, 71, 74),  # right eye
    *range(90, 83, -1),  # outline of the lips: above, then below
    *range(95, 90, -1),
    *range(100, 95, -1),  # the mouth within the lips: above, then below
    *range(103, 100, -1),
    *(105, 104),  # pupils
]

# number of points in a row and their weight in the loss
_weights = [(33, 0.8), (33, 1.0), (8, 2.0), (1, 1.0), (8, 2.0), (1, 1.0), (20, 1.5), (2, 1.0)]

dataset_info = dict(
    dataset_name='lapa',
    paper_info=dict(
        author='Liu, Yinglu and Shi, Hailin and Shen, Hao and Si, Yue and Wang, Xiaobo and '
        'Mei, Tao',
        title='A New Dataset and Boundary-Attention Semantic Segmentation for Face Parsing.',
        container='Proceedings of the AAAI Conference on Artificial Intelligence 2020',
        year='2020',
        homepage='https://github.com/JDAI-CV/lapa-dataset',
    ),
    keypoint_info={
        i: dict(name=f'kpt-{i}', id=i, color=_red, type='', swap=f'kpt-{j}' if i != j else '')
        for i, j in enumerate(_mirrors)
    },
    skeleton_info={},
    joint_weights=[weight for count, weight in _weights for _ in range(count)],
    sigmas=[],
)

del _red, _mirrors, _weights
