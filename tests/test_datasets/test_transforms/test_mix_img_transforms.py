import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mmcv.transforms.utils import cache_random_params

from mmpose.datasets.transforms import MixImageTransform, Mosaic, YOLOXMixUp

COLORS = ((10, 0, 0), (0, 50, 0), (0, 0, 90), (130, 130, 0))


def picture(color, size=(20, 10), people=1, **extra):
    """A picture of one colour with people whose box is all of it and one keypoint its centre."""
    w, h = size
    return dict(
        img=np.full((h, w, 3), color, dtype=np.uint8),
        img_shape=(h, w),
        bbox=np.tile(np.float32([[0, 0, w, h]]), (people, 1)),
        bbox_score=np.ones(people, dtype=np.float32),
        keypoints=np.tile(np.float32([[[w / 2, h / 2], [w, h]]]), (people, 1, 1)),
        keypoints_visible=np.ones((people, 2), dtype=np.float32),
        area=np.full(people, w * h, dtype=np.float32),
        category_id=np.arange(people),
        id=list(range(people)),
        flip_indices=[0, 1],
        **extra,
    )


class Data:
    """A data set of pictures whose colours are their indices."""

    def __init__(self, *samples):
        self.samples = samples

    def __len__(self):
        return len(self.samples)

    def get_data_info(self, index):
        return dict(self.samples[index])


DATA = Data(*(picture((i, i, i)) for i in range(50)))


def mosaic(center, others=None, img_scale=(20, 20), **kwargs):
    first, *rest = (picture(color) for color in COLORS)
    results = dict(first, mix_results=rest if others is None else others)
    return Mosaic(img_scale=img_scale, **kwargs)._compose(results, center)


def mixed(own, other, zoom=1.0, is_flipped=False, offset=(0.0, 0.0), img_scale=(20, 20), **kwargs):
    transform = YOLOXMixUp(img_scale=img_scale, **kwargs)
    overlay = transform._draw_overlay()._replace(zoom=zoom, is_flipped=is_flipped, offset=offset)
    return transform._blend(own, other, overlay)


class TestMosaic:
    def test_tiles(self):
        results = mosaic(center=(24, 18))
        canvas = results['img']
        # the pictures are 20x10 and meet at (24, 18) of 40x40 pixels
        expected = np.full((40, 40, 3), 114, dtype=np.uint8)
        expected[8:18, 4:24] = COLORS[0]
        expected[8:18, 24:40] = COLORS[1]
        expected[18:28, 4:24] = COLORS[2]
        expected[18:28, 24:40] = COLORS[3]
        np.testing.assert_array_equal(canvas, expected)
        assert results['img_shape'] == results['ori_shape'] == (40, 40)

    def test_instances(self):
        results = mosaic(center=(24, 18))
        expected = [[4, 8, 24, 18], [24, 8, 40, 18], [4, 18, 24, 28], [24, 18, 40, 28]]
        np.testing.assert_array_equal(results['bbox'], expected)
        np.testing.assert_array_equal(
            results['keypoints'][:, 0], [[14, 13], [34, 13], [14, 23], [34, 23]]
        )
        # the right bottom corners of the right pictures are cut off
        np.testing.assert_array_equal(
            results['keypoints_visible'], [[1, 1], [1, 0], [1, 1], [1, 0]]
        )
        np.testing.assert_array_equal(results['area'], [200] * 4)
        assert results['bbox_score'].shape == results['category_id'].shape == (4,)
        assert results['id'] == [0] * 4

    def test_pictures_are_resized_to_fit(self):
        others = [picture(COLORS[1], (5, 20), people=2), picture(0, (40, 40)), picture(0, (10, 10))]
        results = mosaic((20, 20), others)
        # half of the length: 5x20 stays, 40x40 shrinks and 10x10 grows to 20x20
        assert (results['img'][0:20, 20:25] == COLORS[1]).all()
        assert (results['img'][0:20, 25:] == 114).all()
        np.testing.assert_array_equal(results['bbox'][3], [0, 20, 20, 40])
        np.testing.assert_array_equal(results['keypoints'][3, 0], [10, 30])
        np.testing.assert_array_equal(results['keypoints'][4, 0], [30, 30])
        np.testing.assert_array_equal(results['area'], [200, 100, 100, 400, 400])

    def test_pictures_without_people(self):
        bare = dict(img=np.zeros((10, 20, 3), np.uint8))
        nobody = picture(0, people=0)
        results = mosaic((20, 20), [bare, picture(COLORS[2]), nobody])
        np.testing.assert_array_equal(results['keypoints'][:, 0], [[10, 15], [10, 25]])
        transform = Mosaic(img_scale=(20, 20))
        results = transform._compose(dict(bare, mix_results=[bare] * 3), (20, 20))
        assert 'bbox' not in results
        results = transform._compose(dict(nobody, mix_results=[bare] * 3), (20, 20))
        assert results['keypoints'].shape == (0, 2, 2)

    def test_what_no_longer_holds_is_removed(self):
        others = [picture(0)] * 3
        del others[0]['id']
        first = picture(0, invalid_segs=[[[1, 1, 5, 1, 5, 5]]], warp_mat=np.eye(2, 3))
        transform = Mosaic(img_scale=(20, 20))
        results = transform._compose(dict(first, mix_results=others), (20, 20))
        assert not results.keys() & {'invalid_segs', 'warp_mat', 'id'}

    def test_what_only_some_data_sets_have(self):
        size = np.full((1, 1), 5.0, dtype=np.float32)
        others = [picture(0, head_size=size * i) for i in (1, 2, 3)]
        transform = Mosaic(img_scale=(20, 20))
        results = transform._compose(picture(0, head_size=size * 0, mix_results=others), (20, 20))
        np.testing.assert_array_equal(results['head_size'], [[0], [5], [10], [15]])
        results = transform._compose(picture(0, mix_results=others), (20, 20))
        assert 'head_size' not in results

    def test_the_pictures_are_not_changed(self):
        others = [picture(color) for color in COLORS[1:]]
        mosaic((24, 18), others)
        for other, color in zip(others, COLORS[1:], strict=True):
            for key, value in picture(color).items():
                np.testing.assert_array_equal(other[key], value)

    def test_centers(self):
        np.random.seed(0)
        transform = Mosaic(img_scale=(100, 200), center_range=(0.5, 1.5))
        x, y = np.array([transform._draw_center() for _ in range(3000)]).T
        assert 50 <= x.min() < 52 < 148 < x.max() < 150
        assert 100 <= y.min() < 104 < 296 < y.max() < 300
        np.testing.assert_allclose([x.mean(), y.mean()], [100, 200], rtol=0.03)

    @given(center=st.tuples(st.integers(10, 30), st.integers(10, 30)), seed=st.integers(0, 1000))
    @settings(deadline=None, max_examples=40)
    def test_labels_lie_on_their_pictures(self, center, seed):
        sizes = np.random.RandomState(seed).randint(5, 60, (4, 2))
        first, *others = (picture(c, size) for c, size in zip(COLORS, sizes, strict=True))
        results = Mosaic(img_scale=(20, 20))._compose(dict(first, mix_results=others), center)
        boxes = results['bbox']
        assert (boxes[:, :2] <= boxes[:, 2:]).all()
        assert ((boxes >= 0) & (boxes <= 40)).all()
        for color, (x, y), visible in zip(
            COLORS, results['keypoints'][:, 0], results['keypoints_visible'][:, 0], strict=True
        ):
            assert visible == (0 <= x <= 40 and 0 <= y <= 40)
            if visible and max(x, y) < 40:
                np.testing.assert_array_equal(results['img'][int(y), int(x)], color)

    @pytest.mark.parametrize(
        ('change', 'message'),
        [
            (dict(bbox=None), r"1 of 4 pictures to mix have instances without 'bbox'"),
            (
                dict(keypoints=np.zeros((1, 3, 2)), keypoints_visible=np.ones((1, 3))),
                r"'keypoints' of the pictures .* \(1, 3, 2\)",
            ),
        ],
    )
    def test_pictures_that_do_not_go_together(self, change, message):
        others = [picture(color) for color in COLORS[1:]]
        others[1].update(change)
        with pytest.raises(ValueError, match=message):
            mosaic((20, 20), others)

    @pytest.mark.parametrize(
        ('arguments', 'message'),
        [
            (dict(img_scale=(640, 0)), r'img_scale is \(640, 0\), but must be 2 positive numbers'),
            (dict(center_range=(1.5, 0.5)), r'center_range is \(1\.5, 0\.5\); expected the small'),
            (dict(center_range=(0.5, 2.5)), r'center_range is \(0\.5, 2\.5\); the canvas ends'),
            (dict(prob=-0.1), r'prob is -0\.1; expected a probability'),
        ],
    )
    def test_wrong_arguments(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            Mosaic(**arguments)


class TestMixUp:
    def test_smaller_picture(self):
        # the other one becomes 10x5 in a layer of 10x10 at the top left
        results = mixed(picture(100), picture(50), zoom=0.5)
        expected = np.full((10, 20, 3), 107, dtype=np.uint8)  # (100 + 114) / 2
        expected[:5, :10] = 75
        np.testing.assert_array_equal(results['img'], expected)
        np.testing.assert_array_equal(results['bbox'], [[0, 0, 20, 10], [0, 0, 10, 5]])
        np.testing.assert_array_equal(results['keypoints'][:, 0], [[10, 5], [5, 2.5]])
        np.testing.assert_array_equal(results['area'], [200, 50])
        np.testing.assert_array_equal(results['category_id'], [0, 0])

    def test_larger_picture_is_cut(self):
        # the other one becomes 40x20 in a layer of 40x40; 20 columns and 30 rows stick out
        results = mixed(picture(100), picture(51), zoom=2, offset=(0.5, 0.2))
        expected = np.full((10, 20, 3), 75, dtype=np.uint8)  # rounded down
        np.testing.assert_array_equal(results['img'], expected)
        # cut from column 10 and row 6 on
        np.testing.assert_array_equal(results['keypoints'][1], [[10, 4], [30, 14]])
        np.testing.assert_array_equal(results['keypoints_visible'], [[1, 1], [1, 0]])
        np.testing.assert_array_equal(results['bbox'][1], [0, 0, 20, 10])
        options = dict(zoom=2, offset=(0.5, 0.2), bbox_clip_border=False)
        results = mixed(picture(100), picture(51), **options)
        np.testing.assert_array_equal(results['bbox'][1], [-10, -6, 30, 14])
        np.testing.assert_array_equal(results['keypoints_visible'], [[1, 1], [1, 1]])

    def test_flip(self):
        other = picture(50)
        other['img'][:, :10] = 0
        other['keypoints'] = np.float32([[[1, 2], [15, 8]]])
        other['keypoints_visible'] = np.float32([[1, 0]])
        other['bbox'] = np.float32([[1, 2, 15, 8]])
        other['flip_indices'] = [1, 0]
        # a layer of 10x10 with the picture at its top right before the flip
        results = mixed(picture(100, (20, 20)), other, zoom=0.5, is_flipped=True)
        np.testing.assert_array_equal(results['img'][2, :10:9, 0], [75, 50])
        # x becomes 10 - 1 - x / 2
        np.testing.assert_array_equal(results['keypoints'][1], [[1.5, 4], [8.5, 1]])
        np.testing.assert_array_equal(results['keypoints_visible'][1], [0, 1])
        np.testing.assert_array_equal(results['bbox'][1], [1.5, 1, 8.5, 4])
        np.testing.assert_array_equal(results['area'], [400, 50])

    def test_flip_needs_the_mirrors_of_these_keypoints(self):
        other = dict(picture(50), flip_indices=[0, 2, 1])
        with pytest.raises(ValueError, match='flip_indices has 3 entries for 2 keypoints'):
            mixed(picture(100), other, is_flipped=True)

    def test_flipped_picture_is_padded_on_the_left(self):
        results = mixed(picture(100, (20, 20)), picture(50, (10, 20)), is_flipped=True)
        assert (results['img'][:, :10] == 107).all()
        assert (results['img'][:, 10:] == 75).all()
        np.testing.assert_array_equal(results['keypoints'][1, 0], [14, 10])  # 20 - 1 - 5

    def test_pictures_without_people(self):
        own = picture(100)
        results = YOLOXMixUp().apply_mix(dict(own, mix_results=[picture(50, people=0)]))
        np.testing.assert_array_equal(results['img'], own['img'])
        results = mixed(picture(100, people=0), picture(50))
        assert results['keypoints'].shape == (1, 2, 2)
        results = mixed(dict(img=picture(100)['img']), picture(50))
        assert results['bbox'].shape == (1, 4)

    def test_corners_of_boxes_do_not_mix(self):
        own = dict(picture(100), bbox=np.zeros((1, 4, 2), np.float32))
        with pytest.raises(ValueError, match=r"'bbox' .* \[\(1, 4, 2\), \(1, 4\)\].*bbox_keep"):
            mixed(own, picture(50))

    def test_draw(self):
        np.random.seed(0)
        transform = YOLOXMixUp(ratio_range=(0.8, 1.6), flip_ratio=0.3)
        drawn = [transform._draw_overlay() for _ in range(3000)]
        zooms = np.array([overlay.zoom for overlay in drawn])
        assert 0.8 <= zooms.min() < 0.81 < 1.59 < zooms.max() <= 1.6
        assert abs(zooms.mean() - 1.2) < 0.02
        assert abs(np.mean([overlay.is_flipped for overlay in drawn]) - 0.3) < 0.03
        np.testing.assert_allclose(
            np.mean([overlay.offset for overlay in drawn], 0), 0.5, atol=0.03
        )

    @given(
        size=st.tuples(st.integers(15, 60), st.integers(15, 60)),
        zoom=st.floats(0.5, 2),
        is_flipped=st.booleans(),
        offset=st.tuples(*[st.floats(0, 0.999)] * 2),
    )
    @settings(deadline=None, max_examples=60)
    def test_labels_lie_on_the_picture(self, size, zoom, is_flipped, offset):
        own, other = picture(100, (30, 30), people=2), picture(50, size)
        results = mixed(own, other, zoom, is_flipped, offset, img_scale=(30, 30))
        boxes = results['bbox']
        assert boxes.shape == (3, 4)
        assert (boxes[:, :2] <= boxes[:, 2:]).all()
        assert ((boxes >= 0) & (boxes <= 30)).all()
        (x, y), visible = results['keypoints'][2, 0], results['keypoints_visible'][2, 0]
        if visible and max(x, y) < 30:
            np.testing.assert_array_equal(results['img'][int(y), int(x)], 75)

    @pytest.mark.parametrize(
        ('arguments', 'message'),
        [
            (dict(img_scale=(-1, 640)), r'img_scale is \(-1, 640\), but must be 2 positive'),
            (dict(ratio_range=(0, 1)), r'ratio_range is \(0, 1\); expected the smallest'),
            (dict(flip_ratio=2), 'flip_ratio is 2; expected a probability'),
        ],
    )
    def test_wrong_arguments(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            YOLOXMixUp(**arguments)


class Pair(MixImageTransform):
    """Keeps what it is given."""

    num_aux_image = 2

    def apply_mix(self, results):
        return dict(results, colors=[int(s['img'][0, 0, 0]) for s in results['mix_results']])


class TestDrawing:
    def test_others_come_from_the_data_set(self):
        np.random.seed(0)
        drawn = np.array([Pair()(picture(1, dataset=DATA))['colors'] for _ in range(2000)])
        counts = np.bincount(drawn.ravel(), minlength=50)
        assert counts.shape == (50,)
        np.testing.assert_allclose(counts, 80, atol=40)
        assert abs(np.corrcoef(drawn.T)[0, 1]) < 0.07

    def test_seed(self):
        drawn = []
        for _ in range(2):
            np.random.seed(3)
            results = YOLOXMixUp((20, 20))(Mosaic((20, 20))(picture(1, dataset=DATA)))
            drawn.append(results)
        np.testing.assert_array_equal(drawn[0]['img'], drawn[1]['img'])
        np.testing.assert_array_equal(drawn[0]['keypoints'], drawn[1]['keypoints'])
        assert drawn[0]['dataset'] is DATA
        assert 'mix_results' not in drawn[0]
        assert len(drawn[0]['keypoints']) == 5

    def test_transforms_share_no_cache(self):
        # mmcv lists cached methods by class, and a subclass would add its own to the base's list
        transforms = [Mosaic((20, 20), prob=0), YOLOXMixUp((20, 20), prob=0)]
        with cache_random_params(transforms):
            assert transforms[0](transforms[1](picture(1)))['img_shape'] == (10, 20)

    def test_probability(self):
        np.random.seed(0)
        mixes = ['colors' in Pair(prob=0.3)(picture(1, dataset=DATA)) for _ in range(2000)]
        assert abs(np.mean(mixes) - 0.3) < 0.03
        own = picture(1)
        assert Pair(prob=0)(own) is own

    def test_pre_transform(self):
        seen = []

        def load(results):
            seen.append(results['dataset'])
            if len(seen) == 1:
                return None  # another one is drawn
            return dict(results, img=np.full((10, 20, 3), 200, np.uint8))

        results = Pair(pre_transform=[load])(picture(1, dataset=DATA))
        assert results['colors'] == [200, 200]
        assert seen == [DATA] * 3

    def test_pre_transform_by_config(self):
        transform = Pair(pre_transform=[dict(type='LoadImage')])
        assert len(transform(picture(1, dataset=DATA))['colors']) == 2

    @pytest.mark.parametrize(
        ('transform', 'results', 'error', 'message'),
        [
            (Pair(), picture(1), KeyError, "Pair needs 'dataset', .* hand themselves"),
            (Pair(), dict(dataset=DATA), KeyError, "Pair needs 'img', .* LoadImage"),
            (Pair(), picture(1, dataset=Data({})), KeyError, r'Set pre_transform=\[dict\(type='),
            (
                Pair(pre_transform=[lambda results: None]),
                picture(1, dataset=DATA),
                RuntimeError,
                'pre_transform of Pair gave no picture in 100 draws',
            ),
        ],
    )
    def test_what_is_missing(self, transform, results, error, message):
        with pytest.raises(error, match=message):
            transform(results)
