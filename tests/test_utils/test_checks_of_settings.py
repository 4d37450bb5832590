import numpy as np
import pytest

from mmpose.utils import checks


def test_valid_arguments_pass():
    for size in ((192, 256), [1, 2], np.array([3, 4]), (0.5, 1.5)):
        checks.check_size('input_size', size)
    checks.check_size('heatmap_size', (64, 64, 64), num_axes=3)
    for value in (2, 0.1, np.float32(3), (4.9, 5.66)):
        checks.check_positive('sigma', value)
    checks.check_odd('kernel', 11)
    checks.check_choice('mode', 'a', ('a', 'b'))


@pytest.mark.parametrize(
    ('call', 'message'),
    [
        (lambda: checks.check_size('s', 192), r's is 192, but must be 2 positive numbers; give it'),
        (lambda: checks.check_size('s', (192,)), r's is \(192,\), .* give it as \(w, h\)'),
        (lambda: checks.check_size('s', (1, 2), 3), r's is \(1, 2\), .* 3 .* as \(w, h, d\)'),
        (lambda: checks.check_size('s', (0, 2)), r's is \(0, 2\), but must be 2 positive'),
        (lambda: checks.check_size('s', '12'), "s is '12', but must be 2 positive"),
        (lambda: checks.check_positive('sigma', 0), 'sigma is 0, but must be positive; set a num'),
        (
            lambda: checks.check_positive('sigma', float('nan')),
            'sigma is nan, but must be positive',
        ),
        (lambda: checks.check_positive('sigma', (2, -1)), r'sigma is \(2, -1\), but must be posit'),
        (lambda: checks.check_positive('sigma', ()), r'sigma is \(\), but must be positive'),
        (
            lambda: checks.check_positive('sigma', (2, 3), several=False),
            r'sigma is \(2, 3\), but must be positive and a single number; set a number',
        ),
        (lambda: checks.check_positive('sigma', None), 'sigma is None, but must be positive'),
        (lambda: checks.check_odd('k', 4), 'k is 4, but a window centred on a cell .* set 5'),
        (lambda: checks.check_odd('k', 2.5), 'k is 2.5, but a window centred on a cell .* set 3'),
        (lambda: checks.check_odd('k', -3), 'k is -3, but a window centred on a cell .* set 1'),
        (
            lambda: checks.check_choice('m', 'c', ('a', 'b')),
            "m is 'c', but must be one of 'a', 'b'",
        ),
    ],
)
def test_others_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
