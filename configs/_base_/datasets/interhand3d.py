_base_ = './interhand2d.py'

_hand = _base_.dataset_info
_sides = [(0, 'right', 'left'), (1, 'left', 'right')]

# the right hand, then the left one
dataset_info = dict(
    dataset_name='interhand3d',
    keypoint_info={
        21 * n + i: dict(
            name=f'{side}_{kpt["name"]}',
            id=21 * n + i,
            color=kpt['color'],
            type='',
            swap=f'{mirror}_{kpt["name"]}',
        )
        for n, side, mirror in _sides
        for i, kpt in _hand.keypoint_info.items()
    },
    skeleton_info={
        20 * n + i: dict(
            link=tuple(f'{side}_{name}' for name in link['link']),
            id=20 * n + i,
            color=link['color'],
        )
        for n, side, _ in _sides
        for i, link in _hand.skeleton_info.items()
    },
    joint_weights=2 * _hand.joint_weights,
)

del _hand, _sides
