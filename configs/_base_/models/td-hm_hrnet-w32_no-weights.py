# As td-hm_hrnet-w32.py, without weights of its own: for a leaf that loads those of a whole model.
_base_ = './td-hm_hrnet-w32.py'

model = dict(
    backbone=dict(_delete_=True, type='HRNet', in_channels=3, extra=_base_.hrnet_w32.extra)
)
