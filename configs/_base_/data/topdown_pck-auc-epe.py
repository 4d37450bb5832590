# Top-down, for data sets without sigmas for OKS: measured by PCK, AUC and the end-point error. The
# piece of a data set builds upon this one.
_base_ = './topdown.py'

val_evaluator = [dict(type='PCKAccuracy', thr=0.2), dict(type='AUC'), dict(type='EPE')]
test_evaluator = val_evaluator

default_hooks = dict(checkpoint=dict(save_best='AUC', rule='greater'))
