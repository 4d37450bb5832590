_base_ = [
    '../../../_base_/data/mpii_topdown.py',
    '../../../_base_/models/simcc_res50.py',
    '../../../_base_/schedules/adam_210e_bs512.py',
    '../../../_base_/pipelines/simcc-noshift_256x256.py',
]
model = dict(
    head=dict(
        out_channels=16,
        input_size=(256, 256),
        in_featuremap_size=(8, 8),
        deconv_out_channels=None,
        decoder=_base_.codec,
    ),
    test_cfg=dict(shift_coords=True),
)
headbox_file = 'data/mpii//annotations/mpii_gt_val.mat'
train_dataloader = dict(dataset=dict(pipeline=_base_.train_pipeline))
val_dataloader = dict(dataset=dict(headbox_file=headbox_file, pipeline=_base_.val_pipeline))
test_dataloader = val_dataloader
