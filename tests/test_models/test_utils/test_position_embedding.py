import pytest
import torch

from mmpose.models.utils.position_embedding import (
    AbsolutePositionEmbedding,
    fit_position_embedding,
    fit_relative_positions,
    resize_position_embedding,
)


def ramp(H, W, extra=()):
    """(1, extra + H * W, 1): the column number of each cell."""
    return torch.tensor([*extra, *list(range(W)) * H], dtype=torch.float32).view(1, -1, 1)


def test_resizing_leaves_tokens_of_no_patch():
    embedding = ramp(2, 2, extra=(7,))
    wider = resize_position_embedding(
        embedding, (2, 2), (2, 4), mode='bilinear', num_extra_tokens=1
    )
    # cell centres: a quarter of a cell beyond the ends counts as the ends
    assert wider.flatten().tolist() == [7, *[0, 0.25, 0.75, 1] * 2]
    assert resize_position_embedding(embedding, (2, 2), [2, 2]) is embedding


def test_resizing_half_precision():
    small = resize_position_embedding(ramp(4, 4).half(), (4, 4), (2, 2), mode='bilinear')
    assert small.dtype == torch.float16
    assert small.flatten().tolist() == [0.5, 2.5, 0.5, 2.5]


@pytest.mark.parametrize('loaded_extra', [(), (7,)], ids=['without', 'with'])
@pytest.mark.parametrize('own_extra', [(), (9,)], ids=['without', 'with'])
@pytest.mark.parametrize('shape', [(2, 3), (3, 3)], ids=['same', 'square'])
def test_fitting_with_and_without_class_tokens(shape, loaded_extra, own_extra):
    loaded, own = ramp(*shape, loaded_extra), ramp(2, 3, own_extra)
    fitted = fit_position_embedding(
        loaded, own, (2, 3), mode='bilinear', num_extra_tokens=len(own_extra)
    )
    # the file's class token if both have one; ours if only the network has one
    extra = (loaded_extra or own_extra) if own_extra else ()
    torch.testing.assert_close(fitted, ramp(2, 3, extra))


def test_what_cannot_be_fitted_is_left_for_the_loader_to_report():
    own = ramp(2, 3)
    for other in (torch.zeros(1, 6, 2), torch.zeros(6, 1), torch.zeros(1, 11, 1)):
        assert fit_position_embedding(other, own, (2, 3)) is other


def test_absolute_positions_follow_the_map():
    embedding = AbsolutePositionEmbedding((2, 2), 1)
    embedding.pos_embed.data = ramp(2, 2)
    x = torch.ones(3, 8, 1)
    assert embedding(x, (2, 4))[1].flatten().tolist() == [1, 1.25, 1.75, 2] * 2
    embedding.load_state_dict(dict(pos_embed=ramp(4, 4)))
    assert embedding.pos_embed.flatten().tolist() == [0.5, 2.5, 0.5, 2.5]


def test_relative_positions_of_other_windows():
    # a bias that grows with dx from -1 to 1 is the same bias in windows of 3x2
    loaded = torch.tensor([[-1.0], [0], [1]] * 3)
    with pytest.warns(UserWarning, match='in windows of 2x2 are resampled for windows of 3x2'):
        table = fit_relative_positions(loaded, torch.zeros(15, 1), (3, 2))
    torch.testing.assert_close(table, torch.tensor([[-1.0], [0], [1]] * 5))
    for other in (torch.zeros(15, 1), torch.zeros(9, 2), torch.zeros(8, 1)):
        assert fit_relative_positions(other, torch.zeros(15, 1), (3, 2)) is other
