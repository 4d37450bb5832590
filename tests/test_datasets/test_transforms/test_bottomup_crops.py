import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmpose.datasets.transforms import BottomupRandomChoiceResize, BottomupRandomCrop


def sample():
    """A 20x10 picture with people in its left and in its right half."""
    return dict(
        img=np.arange(600, dtype=np.uint16).astype(np.uint8).reshape(10, 20, 3),
        img_shape=(10, 20),
        ori_shape=(10, 20),
        bbox=np.float32([[1, 1, 7, 9], [12, 2, 19, 8]]),
        bbox_score=np.float32([0.5, 1]),
        keypoints=np.float32([[[2, 3], [6, 7]], [[13, 4], [18, 6]]]),
        keypoints_visible=np.ones((2, 2), dtype=np.float32),
        area=np.float32([30, 20]),
        category_id=np.array([1, 2]),
        id=[11, 12],
    )


class TestCrop:
    def crop(self, offset, size, **kwargs):
        return BottomupRandomCrop((4, 4), **kwargs)._crop(sample(), offset, size)

    def test_part_with_one_person(self):
        results = self.crop((10, 1), (7, 6))
        np.testing.assert_array_equal(results['img'], sample()['img'][1:7, 10:17])
        assert results['img_shape'] == (6, 7)
        assert results['ori_shape'] == (10, 20)
        np.testing.assert_array_equal(results['bbox'], [[2, 1, 7, 6]])
        np.testing.assert_array_equal(results['keypoints'], [[[3, 3], [8, 5]]])
        np.testing.assert_array_equal(results['keypoints_visible'], [[1, 0]])
        np.testing.assert_array_equal(results['area'], [20])
        np.testing.assert_array_equal(results['category_id'], [2])
        np.testing.assert_array_equal(results['bbox_score'], [1])
        assert results['id'] == [12]
        assert results['input_size'] == (7, 6)
        np.testing.assert_allclose(results['input_center'], [13.5, 4])
        np.testing.assert_allclose(results['input_scale'], [7, 6])

    def test_without_clip(self):
        results = self.crop((10, 1), (7, 6), bbox_clip_border=False)
        np.testing.assert_array_equal(results['bbox'], [[2, 1, 9, 7]])
        np.testing.assert_array_equal(results['keypoints_visible'], [[1, 1]])

    def test_part_without_people(self):
        assert self.crop((8, 0), (4, 10)) is None
        results = self.crop((8, 0), (4, 10), allow_negative_crop=True)
        assert results['bbox'].shape == (0, 4)
        assert results['keypoints'].shape == (0, 2, 2)
        assert results['id'] == []

    def test_boxes_of_keypoints(self):
        results = self.crop((0, 0), (16, 10), recompute_bbox=True)
        # of the second person a single keypoint is left: the box stays, cut
        np.testing.assert_array_equal(results['bbox'], [[2, 3, 6, 7], [12, 2, 16, 8]])

    def test_corners(self):
        turned = np.float32([[[13, 1], [11, 3], [15, 3], [13, 5]]])
        for offset, kept in ((11, 1), (16, 0)):
            results = dict(img=sample()['img'], bbox=turned.copy())
            transform = BottomupRandomCrop((4, 4), allow_negative_crop=True)
            results = transform._crop(results, (offset, 0), (4, 4))
            assert results['bbox'].shape == (kept, 4, 2)

    def test_picture_without_labels(self):
        results = BottomupRandomCrop((4, 3))(dict(img=sample()['img']))
        assert results['img'].shape == (3, 4, 3)

    @pytest.mark.parametrize(
        ('crop_type', 'crop_size', 'lowest', 'highest'),
        [
            ('absolute', (6, 4), (6, 4), (6, 4)),
            ('absolute', (30, 4), (20, 4), (20, 4)),
            ('absolute_range', (3, 12), (3, 3), (12, 10)),
            ('absolute_range', (15, 30), (15, 10), (20, 10)),
            ('relative', (0.5, 0.3), (10, 3), (10, 3)),
            ('relative_range', (0.3, 0.5), (10, 3), (20, 10)),  # height and width
        ],
    )
    def test_drawn_sizes(self, crop_type, crop_size, lowest, highest):
        np.random.seed(0)
        transform = BottomupRandomCrop(crop_size, crop_type)
        sizes = np.array([transform._get_crop_size((20, 10)) for _ in range(500)])
        np.testing.assert_array_equal(sizes.min(axis=0), lowest)
        np.testing.assert_array_equal(sizes.max(axis=0), highest)

    def test_drawn_offsets(self):
        np.random.seed(0)
        transform = BottomupRandomCrop((4, 4))
        offsets = np.array([transform._get_offset((3, 1)) for _ in range(2000)])
        for axis, margin in ((0, 3), (1, 1)):
            values, counts = np.unique(offsets[:, axis], return_counts=True)
            np.testing.assert_array_equal(values, np.arange(margin + 1))
            np.testing.assert_allclose(counts / 2000, 1 / (margin + 1), atol=0.04)

    @given(seed=st.integers(0, 2**31), clip=st.booleans())
    @settings(deadline=None, max_examples=50)
    def test_labels_stay_on_their_pixels(self, seed, clip):
        np.random.seed(seed)
        transform = BottomupRandomCrop(
            (0.2, 0.2), 'relative_range', allow_negative_crop=True, bbox_clip_border=clip
        )
        before = sample()
        results = transform(sample())
        (h, w), x0 = results['img_shape'], results['warp_mat'][:, 2]
        boxes = results['bbox']
        assert (boxes[:, :2] <= boxes[:, 2:]).all()
        if clip:
            assert ((boxes >= 0) & (boxes <= (w, h, w, h))).all()
        for person, source in zip(results['keypoints'], results['id'], strict=True):
            np.testing.assert_array_equal(person - x0, before['keypoints'][source - 11])
            for x, y in person.astype(int):
                if 0 <= x < w and 0 <= y < h:
                    original = before['img'][int(y - x0[1]), int(x - x0[0])]
                    np.testing.assert_array_equal(results['img'][y, x], original)

    @pytest.mark.parametrize(
        ('arguments', 'message'),
        [
            (dict(crop_size=(4, 0)), r'crop_size is \(4, 0\), but must be 2 positive numbers'),
            (dict(crop_size=4), 'crop_size is 4, but must be 2 positive numbers'),
            (dict(crop_size=(0.5, 0.5)), r"expected whole pixels.*set crop_type='relative'"),
            (dict(crop_size=(4, 4), crop_type='relative'), 'expected shares of the picture'),
            (dict(crop_size=(9, 4), crop_type='absolute_range'), 'the smallest and then the large'),
            (dict(crop_size=(4, 4), crop_type='square'), "must be one of 'absolute', 'absolute_r"),
        ],
    )
    def test_wrong_arguments(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            BottomupRandomCrop(**arguments)


class TestChoiceResize:
    def resize(self, scale, **kwargs):
        results = sample()
        BottomupRandomChoiceResize([scale], **kwargs)._resize(results, scale)
        return results

    def test_stretch(self):
        results = self.resize((40, 30))
        assert results['img'].shape == (30, 40, 3)
        assert results['img_shape'] == (30, 40)
        assert results['input_size'] == (40, 30)
        assert results['scale'] == (40, 30)
        assert results['scale_factor'] == (2, 3)
        np.testing.assert_array_equal(results['keypoints'][0], [[4, 9], [12, 21]])
        np.testing.assert_array_equal(results['bbox'][1], [24, 6, 38, 24])
        np.testing.assert_array_equal(results['area'], [180, 120])
        np.testing.assert_allclose(results['input_center'], [10, 5])
        np.testing.assert_allclose(results['input_scale'], [20, 10])

    def test_keep_ratio(self):
        # the longer side is at most 100, the shorter one at most 30
        results = self.resize((30, 100), keep_ratio=True)
        assert results['img'].shape == (30, 60, 3)
        assert results['keep_ratio'] is True
        results = self.resize((50, 50), keep_ratio=True)
        assert results['img'].shape == (25, 50, 3)
        np.testing.assert_array_equal(results['keypoints'][0, 0], [5, 7.5])

    def test_clip(self):
        results = dict(sample(), bbox=np.float32([[-4, 1, 25, 9]]))
        results['keypoints'] = np.float32([[[21, 3], [6, 7]]])
        results['keypoints_visible'] = np.float32([[1, 1]])
        clipped = BottomupRandomChoiceResize([(40, 20)])(dict(results))
        np.testing.assert_array_equal(clipped['bbox'], [[0, 2, 40, 18]])
        np.testing.assert_array_equal(clipped['keypoints_visible'], [[0, 1]])
        free = BottomupRandomChoiceResize([(40, 20)], clip_object_border=False)(dict(results))
        np.testing.assert_array_equal(free['bbox'], [[-8, 2, 50, 18]])
        np.testing.assert_array_equal(free['keypoints_visible'], [[1, 1]])

    @pytest.mark.parametrize('backend', ['cv2', 'pillow'])
    def test_backends_and_interpolation(self, backend):
        results = self.resize((40, 20), backend=backend, interpolation='nearest')
        expected = sample()['img'].repeat(2, axis=0).repeat(2, axis=1)
        np.testing.assert_array_equal(results['img'], expected)

    def test_region_after_a_crop(self):
        results = BottomupRandomCrop((10, 5))._crop(sample(), (1, 2), (10, 5))
        BottomupRandomChoiceResize([(40, 20)])._resize(results, (40, 20))
        assert results['input_size'] == (40, 20)
        np.testing.assert_allclose(results['input_center'], [6, 4.5])
        np.testing.assert_allclose(results['input_scale'], [10, 5])

    def test_choices(self):
        np.random.seed(0)
        transform = BottomupRandomChoiceResize([(40, 20), 30, [10, 20]])
        drawn = [transform._choose_scale() for _ in range(3000)]
        for scale in ((40, 20), (30, 30), (10, 20)):
            assert abs(drawn.count(scale) / 3000 - 1 / 3) < 0.04
        assert BottomupRandomChoiceResize((40, 20)).scales == [(40, 20)]

    @pytest.mark.parametrize(
        ('arguments', 'error', 'message'),
        [
            (dict(scales=[]), ValueError, 'scales is empty'),
            (dict(scales=[(40, -1)]), ValueError, r'scales is \(40, -1\), but must be 2 positive'),
            (dict(scales=[(4, 4)], backend='gpu'), ValueError, "must be one of 'cv2', 'pillow'"),
            (dict(scales=[(4, 4)], scale_factor=2), TypeError, r"got \['scale_factor'\]; the only"),
        ],
    )
    def test_wrong_arguments(self, arguments, error, message):
        with pytest.raises(error, match=message):
            BottomupRandomChoiceResize(**arguments)
