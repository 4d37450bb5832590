_base_ = './rtmo-l_16xb16-600e_body7-640x640.py'
model = _base_.rtmo.m
