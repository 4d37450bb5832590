# The seven data sets of bodies as in body7_one-stage.py, with the keypoints of CrowdPose: limbs, in
# the order of COCO, head top and neck. COCO and CrowdPose are taken in full.
_base_ = './body7_one-stage.py'
head_top_and_neck = dict(
    aic=[(12, 12), (13, 13)],
    crowdpose=[(12, 12), (13, 13)],
    mpii=[(9, 12), (7, 13)],
    jhmdb=[(2, 12), (0, 13)],
    posetrack18=[(2, 12), (1, 13)],
)
limbs = {
    name: sorted(((i, j - 5) for i, j in converter.mapping if j >= 5), key=lambda pair: pair[1])
    for name, converter in _base_.to_coco.items()
}
to_crowdpose = {
    name: dict(
        type='KeypointConverter',
        num_keypoints=14,
        mapping=[*limbs[name], *head_top_and_neck.get(name, [])],
    )
    for name in _base_.body7_sets
}
body7_crowdpose = dict(
    _delete_=True,
    type='CombinedDataset',
    metainfo=dict(from_file='configs/_base_/datasets/crowdpose.py'),
    datasets=[
        dict(body_set, pipeline=[to_crowdpose[name]])
        for name, body_set in _base_.body7_sets.items()
    ],
    sample_ratio_factor=[1, 0.3, 1, 0.3, 0.3, 0.4, 0.3],
    test_mode=False,
)
del head_top_and_neck, limbs
