# Top-down heatmaps: convolutional pose machine, whose six stages put out heatmaps at stride 8.
_base_ = './td-hm_res50.py'

model = dict(
    backbone=dict(
        _delete_=True,
        type='CPM',
        in_channels=3,
        out_channels=17,
        feat_channels=128,
        num_stages=6,
    ),
    head=dict(
        type='CPMHead',
        in_channels=17,
        num_stages=6,
        deconv_out_channels=None,
        final_layer=None,
    ),
)
