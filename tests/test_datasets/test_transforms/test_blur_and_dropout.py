import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmpose.datasets.transforms.blur_and_dropout import (
    Blur,
    CoarseDropout,
    GridDropout,
    MedianBlur,
)

PICTURE = np.random.RandomState(0).randint(1, 256, (40, 60, 3), dtype=np.uint8)


@pytest.fixture(autouse=True)
def seed():
    np.random.seed(0)


def shares(values):
    """How often each value occurs, by value."""
    found, counts = np.unique(values, return_counts=True)
    return dict(zip(found.tolist(), (counts / len(values)).tolist(), strict=True))


class TestBlur:
    def test_means_and_medians(self):
        img = np.zeros((5, 5), np.uint8)
        img[1:4, 1:4] = [[9, 0, 0], [0, 90, 0], [0, 0, 90]]
        assert Blur().apply(img, 3)[2, 2] == 21  # 189 / 9
        assert MedianBlur().apply(img, 3)[2, 2] == 0
        img[1, 2:4] = 80
        assert MedianBlur().apply(img, 3)[2, 2] == 9

    @pytest.mark.parametrize('kind', [Blur, MedianBlur])
    @pytest.mark.parametrize(
        ('limit', 'sides'), [(7, [3, 5, 7]), (3, [3]), ((1, 5), [1, 3, 5]), ([5, 5], [5])]
    )
    def test_every_odd_side_is_as_likely(self, kind, limit, sides):
        blur = kind(blur_limit=limit)
        found = shares([blur.draw((40, 60)) for _ in range(1500)])
        assert list(found) == sides
        np.testing.assert_allclose(list(found.values()), 1 / len(sides), atol=0.05)

    def test_single_channels_keep_their_axis(self):
        assert Blur().apply(PICTURE[..., :1].copy(), 3).shape == (40, 60, 1)

    def test_probability(self):
        blur = Blur(p=0.25)
        unchanged = [blur(image=PICTURE)['image'] is PICTURE for _ in range(1000)]
        np.testing.assert_allclose(np.mean(unchanged), 0.75, atol=0.05)
        assert blur(image=PICTURE, mask=1)['mask'] == 1
        always = Blur(p=0.0, always_apply=True)
        assert all(always(image=PICTURE)['image'] is not PICTURE for _ in range(10))

    def test_frames_change_alike(self):
        dropout = CoarseDropout(max_holes=1, max_height=5, max_width=5, p=1.0)
        np.testing.assert_array_equal(*dropout(image=[PICTURE, PICTURE])['image'])

    @pytest.mark.parametrize('limit', [4, (3, 6), (7, 3), (3, 5, 7), (-1, 3)])
    def test_wrong_limits(self, limit):
        with pytest.raises(ValueError, match=r'blur_limit is .*expected the largest odd side'):
            Blur(blur_limit=limit)

    def test_wrong_probability(self):
        with pytest.raises(ValueError, match=r'p is 2; expected a probability'):
            MedianBlur(p=2)


class TestCoarseDropout:
    def test_holes_are_filled(self):
        dropout = CoarseDropout(fill_value=[1, 2, 3])
        before = PICTURE.copy()
        img = dropout.apply(PICTURE, np.array([[10, 5, 20, 8], [0, 0, 1, 1]]))
        assert (img[5:8, 10:20] == [1, 2, 3]).all()
        assert img[0, 0].tolist() == [1, 2, 3]
        assert (img != PICTURE).any(axis=-1).sum() <= 31
        np.testing.assert_array_equal(PICTURE, before)

    def test_shares_of_the_picture(self):
        dropout = CoarseDropout(
            max_holes=1, max_height=0.4, max_width=0.5, min_holes=1, min_height=0.2, min_width=0.1
        )
        holes = np.concatenate([dropout.draw((100, 200)) for _ in range(4000)])
        widths, heights = (holes[:, 2:] - holes[:, :2]).T
        assert (widths.min(), widths.max()) == (20, 99)
        assert (heights.min(), heights.max()) == (20, 39)
        np.testing.assert_allclose([widths.mean(), heights.mean()], [59.5, 29.5], atol=1)
        # the place of a hole is uniform among those where it fits
        np.testing.assert_allclose((holes[:, 0] / (200 - widths)).mean(), 0.5, atol=0.02)
        assert (holes.min(), holes[:, 2].max(), holes[:, 3].max()) == (0, 200, 100)

    def test_pixels_and_numbers(self):
        dropout = CoarseDropout(max_holes=3, min_holes=2, max_height=10, min_height=9, max_width=4)
        drawn = [dropout.draw((40, 60)) for _ in range(1000)]
        numbers = shares([len(holes) for holes in drawn])
        np.testing.assert_allclose([numbers[2], numbers[3]], 0.5, atol=0.05)
        sizes = shares(np.concatenate([holes[:, 3] - holes[:, 1] for holes in drawn]))
        np.testing.assert_allclose([sizes[9], sizes[10]], 0.5, atol=0.05)
        assert {(h[:, 2] - h[:, 0]).max() for h in drawn} == {4}

    def test_spellings_of_version_2(self):
        former = CoarseDropout(3, 0.4, 9, 1, 0.2, 5, fill_value=7)
        present = CoarseDropout(
            num_holes_range=(1, 3), hole_height_range=(0.2, 0.4), hole_width_range=(5, 9), fill=7
        )
        assert {k: v for k, v in vars(former).items() if k != 'fill'} == {
            k: v for k, v in vars(present).items() if k != 'fill'
        }
        assert former.fill == present.fill == 7

    @given(
        st.tuples(st.integers(1, 50), st.integers(1, 50)),
        st.one_of(st.integers(1, 80), st.just(1.0)),
    )
    @settings(deadline=None, max_examples=30)
    def test_holes_lie_in_the_picture(self, shape, side):
        holes = CoarseDropout(max_height=side, max_width=side).draw(shape)
        assert (holes >= 0).all()
        assert (holes[:, 2] <= shape[1]).all()
        assert (holes[:, 3] <= shape[0]).all()

    @pytest.mark.parametrize(
        ('arguments', 'message'),
        [
            (dict(max_height=0.4, min_height=2), r'limits of height are \(2, 0.4\); expected'),
            (dict(max_width=1.5), 'floats up to 1 for shares of the picture'),
            (dict(max_holes=0), r'limits of holes are \(0, 0\)'),
            (dict(max_holes=1.0), r'number of holes is \(1.0, 1.0\); expected integers'),
            (dict(hole_width_range=(3, 2)), r'limits of width are \(3, 2\)'),
            (dict(fill='random'), "The fill is 'random'.*pip install albumentations"),
            (dict(fill_value=300), 'number from 0 to 255'),
        ],
    )
    def test_wrong_arguments(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            CoarseDropout(**arguments)


class TestGridDropout:
    def filled(self, shape=(6, 9), **kwargs):
        rows, columns = GridDropout(**kwargs).draw(shape)
        return rows.tolist(), columns.tolist()

    def test_cells_by_their_size(self):
        cells = dict(unit_size_min=4, unit_size_max=4)
        assert self.filled(**cells) == ([0, 1, 4, 5], [0, 1, 4, 5, 8])
        assert self.filled(ratio=0.75, **cells) == ([0, 1, 2, 4, 5], [0, 1, 2, 4, 5, 6, 8])
        assert self.filled(shift_x=1, **cells) == ([0, 1, 4, 5], [1, 2, 5, 6])
        # the rectangle stays in its cell, with one pixel of it free
        assert self.filled(shift_y=9, ratio=1.0, **cells)[0] == [1, 2, 3, 5]

    def test_cells_by_their_number(self):
        assert self.filled(holes_number_x=3, holes_number_y=2) == ([0, 3], [0, 3, 6])
        # one number makes square cells, here of 4 pixels
        rows, columns = self.filled(shape=(6, 8), holes_number_x=2)
        assert (rows, columns) == ([0, 1, 4, 5], [0, 1, 4, 5])
        assert self.filled(shape=(3, 40))[0] == [0]  # a tenth of the width is 4, the height 3

    def test_random_sizes_and_offsets(self):
        grid = GridDropout(unit_size_min=4, unit_size_max=5, random_offset=True)
        sizes = [grid._cell_size(60, 40) for _ in range(1000)]
        assert all(w == h for w, h in sizes)
        np.testing.assert_allclose(shares([w for w, _ in sizes])[5], 0.5, atol=0.05)
        offsets = shares([grid._along(60, 4, shift=0)[0] for _ in range(1500)])
        np.testing.assert_allclose([offsets[0], offsets[1], offsets[2]], 1 / 3, atol=0.05)

    def test_rectangles_are_filled(self):
        rows, columns = np.array([0, 3]), np.array([1, 2])
        img = GridDropout(fill_value=0).apply(PICTURE, (rows, columns))
        assert (img == 0).all(axis=-1).sum() == 4
        assert (img[[0, 0, 3, 3], [1, 2, 1, 2]] == 0).all()

    def test_spellings_of_version_2(self):
        former = GridDropout(0.4, 4, 9, 2, 3, 1, 2, True, 7)
        present = GridDropout(
            0.4,
            unit_size_range=(4, 9),
            holes_number_xy=(2, 3),
            shift_xy=(1, 2),
            random_offset=True,
            fill=7,
        )
        assert vars(former) == vars(present)

    @pytest.mark.parametrize(
        ('arguments', 'message'),
        [
            (dict(ratio=0), 'ratio is 0; expected a share above 0'),
            (
                dict(unit_size_min=9, unit_size_max=4),
                r'unit_size is \(9, 4\); expected the smallest',
            ),
            (dict(unit_size_min=9), r'unit_size is \(9, None\)'),
        ],
    )
    def test_wrong_arguments(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            GridDropout(**arguments)

    def test_cells_that_do_not_fit(self):
        with pytest.raises(
            ValueError, match='cells have up to 50 pixels, but the picture has 60 x 40'
        ):
            GridDropout(unit_size_min=4, unit_size_max=50).draw((40, 60))
        with pytest.raises(ValueError, match='31 cells along 60 pixels; expected 1 to 30'):
            GridDropout(holes_number_x=31).draw((40, 60))
