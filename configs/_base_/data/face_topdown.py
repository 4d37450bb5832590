# Faces by instance. Errors are measured in units of the distance between two keypoints, for most
# data sets the outer corners of the eyes. The piece of a data set builds upon this one.
_base_ = './topdown.py'

val_evaluator = dict(type='NME', norm_mode='keypoint_distance')
test_evaluator = val_evaluator

default_hooks = dict(checkpoint=dict(interval=1, save_best='NME', rule='less'))
