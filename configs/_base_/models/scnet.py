# SCNets, to take the place of a model's backbone. They put out 2048 channels, as ResNets do.
scnet50 = dict(
    _delete_=True,
    type='SCNet',
    depth=50,
    init_cfg=dict(
        type='Pretrained',
        checkpoint='https://download.openmmlab.com/mmpose/pretrain_models/scnet50-7ef0a199.pth',
    ),
)
scnet101 = dict(
    _delete_=True,
    type='SCNet',
    depth=101,
    init_cfg=dict(
        type='Pretrained',
        checkpoint='https://download.openmmlab.com/mmpose/pretrain_models/scnet101-94250a77.pth',
    ),
)
