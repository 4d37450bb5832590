_base_ = './rtmo-l_16xb16-700e_crowdpose-640x640.py'
model = _base_.rtmo.m
