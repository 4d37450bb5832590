_base_ = [
    '../../../_base_/data/cocktail14_topdown.py',
    '../../../_base_/models/rtmw.py',
    '../../../_base_/schedules/rtmw_270e_bs8192.py',
    '../../../_base_/pipelines/rtmw_256x192.py',
]
model = dict(
    head=dict(in_featuremap_size=(6, 8), input_size=_base_.codec.input_size, decoder=_base_.codec)
)
train_dataloader = dict(batch_size=1024, dataset=dict(pipeline=_base_.train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=_base_.val_pipeline))
test_dataloader = val_dataloader
custom_hooks = [_base_.ema_hook, dict(_base_.stage2_hook, switch_epoch=260)]
