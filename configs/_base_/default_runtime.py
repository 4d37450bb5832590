# The runtime for a config that writes everything else out.
_base_ = './runtime.py'

backend_args = dict(backend='local')
train_cfg = dict(by_epoch=True)
