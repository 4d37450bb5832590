dataset_info = dict(
    dataset_name='three',
    keypoint_info={
        0: dict(name='nose', id=0, color=[255, 0, 0], type='upper', swap=''),
        1: dict(name='left', id=1, color=[255, 0, 0], type='upper', swap='right'),
        2: dict(name='right', id=2, color=[255, 0, 0], type='upper', swap='left'),
    },
    skeleton_info={0: dict(link=('left', 'right'), id=0, color=[0, 255, 0])},
    joint_weights=[1.0] * 3,
    sigmas=[0.05] * 3,
)
