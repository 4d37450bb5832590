from mmengine.optim import LinearLR, OptimWrapper
from mmengine.runner import EpochBasedTrainLoop
from torch.optim import Adam

optim_wrapper = dict(type=OptimWrapper, optimizer=dict(type=Adam, lr=5e-4))
param_scheduler = [dict(type=LinearLR, begin=0, end=500, start_factor=0.001, by_epoch=False)]
train_cfg = dict(type=EpochBasedTrainLoop, max_epochs=3, val_interval=1)
