import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco_mask

from mmpose.datasets.transforms import (
    BottomupGetHeatmapMask,
    BottomupRandomAffine,
    BottomupRandomChoiceResize,
    BottomupRandomCrop,
    RandomFlip,
)

SQUARE = [10, 5, 30, 5, 30, 25, 10, 25]  # covers columns 10 to 29, rows 5 to 24
SQUARE_MASK = np.zeros((40, 60), dtype=np.uint8)
SQUARE_MASK[5:25, 10:30] = 1


def mask(segs, get_invalid=False, **extra):
    results = dict(img_shape=(40, 60), invalid_segs=segs, **extra)
    return BottomupGetHeatmapMask(get_invalid=get_invalid)(results)['heatmap_mask']


def run_lengths():
    flat = SQUARE_MASK.flatten(order='F')
    changes = np.flatnonzero(np.diff(flat)) + 1
    return dict(size=[40, 60], counts=np.diff([0, *changes, flat.size]).tolist())


@pytest.mark.parametrize(
    'segs',
    [
        [[SQUARE]],
        [SQUARE],
        [[SQUARE[:6], [30, 25, 10, 25, 10, 5]]],
        [run_lengths()],
        [coco_mask.encode(np.asfortranarray(SQUARE_MASK))],
        [[SQUARE], run_lengths(), None, [], [[1, 2, 3, 4]]],
    ],
    ids=['polygons', 'polygon', 'two parts', 'run lengths', 'compressed', 'several'],
)
def test_forms_of_segmentations(segs):
    found = mask(segs)
    assert found.dtype == bool
    np.testing.assert_array_equal(found, SQUARE_MASK == 0)
    np.testing.assert_array_equal(mask(segs, get_invalid=True), SQUARE_MASK == 1)


@pytest.mark.parametrize('segs', [[], None])
def test_nothing_invalid(segs):
    assert mask(segs).all()
    assert mask(segs).shape == (40, 60)
    assert not mask(segs, get_invalid=True).any()
    assert BottomupGetHeatmapMask()(dict(img_shape=(4, 6)))['heatmap_mask'].all()


def test_size_of_the_heatmaps():
    heatmaps = np.zeros((3, 20, 30), dtype=np.float32)
    half = np.ones((20, 30), dtype=bool)
    half[2:13, 5:15] = False  # rows 2 and 12 are half covered, and that is not above a half
    np.testing.assert_array_equal(mask([SQUARE], heatmaps=heatmaps), half)
    levels = mask([SQUARE], heatmaps=[heatmaps, np.zeros((3, 40, 60))])
    np.testing.assert_array_equal(levels[0], half)
    np.testing.assert_array_equal(levels[1], SQUARE_MASK == 0)


def test_follows_a_warp_and_then_a_flip():
    shift = np.array([[1.0, 0, 5], [0, 1.0, -5]])
    warped = dict(warp_mat=shift, input_size=(50, 30))
    expected = np.ones((30, 50), dtype=bool)
    expected[0:20, 15:35] = False
    expected[:, :5] = False  # not on the picture
    np.testing.assert_array_equal(mask([SQUARE], **warped), expected)
    flipped = mask([SQUARE], **warped, flip=True, flip_direction='horizontal')
    np.testing.assert_array_equal(flipped, expected[:, ::-1])
    # matrices of perspective warps have another row
    warped['warp_mat'] = np.vstack((shift, (0, 0, 1)))
    np.testing.assert_array_equal(mask([SQUARE], **warped), expected)


@given(seed=st.integers(0, 2**31), order=st.permutations(['flip', 'affine', 'crop', 'resize']))
@settings(deadline=None, max_examples=30)
def test_stays_aligned_with_the_picture(seed, order):
    np.random.seed(seed)
    transforms = dict(
        flip=RandomFlip(prob=0.8, direction=['horizontal', 'vertical', 'diagonal']),
        affine=BottomupRandomAffine((80, 64), transform_mode='perspective'),
        crop=BottomupRandomCrop((50, 30)),
        resize=BottomupRandomChoiceResize([(70, 50), (40, 60)]),
    )
    results = dict(
        img=np.stack((SQUARE_MASK * 255, np.full((40, 60), 255, np.uint8)), axis=2),
        img_shape=(40, 60),
        ori_shape=(40, 60),
        invalid_segs=[[SQUARE]],
    )
    for name in order:
        results = transforms[name](results)
    found = BottomupGetHeatmapMask(get_invalid=True)(results)['heatmap_mask']
    assert found.shape == results['img'].shape[:2]
    # the second channel tells where an affine warp went beyond an earlier crop
    shown, is_padded = results['img'][..., 0] > 127, results['img'][..., 1] < 250
    # each warp of the picture blurs its edges, and a resize moves them by half a pixel
    kernel = np.ones((7, 7), np.uint8)
    inner = cv2.erode(np.uint8(found), kernel, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    assert (shown | is_padded)[inner == 1].all()
    inner = cv2.erode(np.uint8(shown), kernel, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    assert found[inner == 1].all()


@pytest.mark.parametrize(
    ('segs', 'message'),
    [
        (['person'], "invalid_segs holds 'person'; expected polygons"),
        ([dict(size=[40, 60])], "run-length code with 'size' and 'counts'"),
        ([dict(size=[60, 40], counts=[2400])], r'is for a picture of \(60, 40\) .* has \(40, 60\)'),
    ],
)
def test_wrong_segmentations(segs, message):
    with pytest.raises(ValueError, match=message):
        mask(segs)


def test_no_shape():
    with pytest.raises(KeyError, match="needs 'img_shape'"):
        BottomupGetHeatmapMask()(dict(invalid_segs=[]))
