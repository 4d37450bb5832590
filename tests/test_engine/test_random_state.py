"""Random numbers go on from a state that was kept, or begin anew."""

import random

import numpy as np
import torch

from mmpose.engine.random_state import random_state, seed_loading, set_random_state


def draw():
    return random.random(), np.random.rand(), np.random.randn(), torch.rand(1).item()


def test_goes_on_from_a_state(tmp_path):
    draw()  # leaves NumPy with half of a pair of normal numbers
    torch.save(random_state(), tmp_path / 'state.pth')
    expected = draw(), draw()
    set_random_state(torch.load(tmp_path / 'state.pth', weights_only=True))
    assert (draw(), draw()) == expected


def test_each_key_has_its_own_numbers():
    drawn = {}
    for key in [(1, 0, 7), (1, 0, 8), (1, 1, 7), (2, 0, 7), (1, 0, 7)]:
        seed_loading(key)
        numbers = draw()
        assert drawn.setdefault(key, numbers) == numbers
    assert len({numbers for row in drawn.values() for numbers in row}) == 16
