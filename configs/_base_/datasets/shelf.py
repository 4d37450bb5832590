_base_ = './campus.py'

dataset_info = dict(dataset_name='shelf')
