# Clothes by instance. The piece of a data set builds upon this one.
_base_ = './topdown_pck-auc-epe.py'

default_hooks = dict(logger=dict(interval=10))
