# What brings the keypoints of data sets of bodies, faces and hands to those of COCO-WholeBody:
# 0-16 body, 17-22 feet, 23-90 face, 91-111 left hand, 112-132 right hand.
_base_ = './body-sets.py'

same = [(i, i) for i in range(17)]
faces = {  # the points that are, in this order, the 68 of a face
    '300w': range(68),
    'wflw': [
        *range(0, 33, 2),  # jaw
        *[*range(33, 38), *range(42, 47)],  # upper edges of the brows
        *range(51, 60),  # nose
        *[60, 61, 63, 64, 65, 67, 68, 69, 71, 72, 73, 75],  # eyes
        *range(76, 96),  # mouth
    ],
    'lapa': [
        *range(0, 33, 2),
        *[*range(33, 38), *range(42, 47)],
        *[*range(51, 55), *range(58, 63)],
        *[66, 67, 69, 70, 71, 73, 75, 76, 78, 79, 80, 82],
        *range(84, 104),
    ],
}
hand = [*(tip - joint for tip in (4, 8, 12, 16, 20) for joint in range(4)), 0]  # root comes last
mappings = dict(
    **{name: to_coco['mapping'] for name, to_coco in _base_.to_coco.items()},
    halpe133=[
        *same,
        *[(20, 17), (21, 20), (22, 18), (23, 21), (24, 19), (25, 22)],
        *((i + 3, i) for i in range(23, 133)),
    ],
    humanart21=[*same, (17, 99), (18, 120), (19, 17), (20, 20)],  # tips of forefingers, big toes
    cofw=[
        *[(0, 40), (2, 44), (4, 42), (1, 49), (3, 45), (6, 47)],  # brows
        *[(8, 59), (10, 62), (9, 68), (11, 65)],  # corners of the eyes
        *[(18, 54), (19, 58), (20, 53), (21, 56)],  # nose
        *[(22, 71), (23, 77), (24, 74), (25, 85), (26, 89), (27, 80), (28, 31)],  # mouth, chin
    ],
    interhand=enumerate([*(112 + i for i in hand), *(91 + i for i in hand)]),
    **{name: zip(points, range(23, 91), strict=True) for name, points in faces.items()},
)
to_wholebody = {
    name: dict(type='KeypointConverter', num_keypoints=133, mapping=list(mapping))
    for name, mapping in mappings.items()
}
del same, faces, hand, mappings
