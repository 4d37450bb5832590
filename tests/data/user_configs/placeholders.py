# What MMEngine fills in: the file's name and folder, values of the bases, the environment.
_base_ = './flat_leaf.py'
work_dir = './work_dirs/{{fileBasenameNoExtension}}/{{ fileBasename }}'
metainfo = dict(from_file='{{ fileDirname }}/three_points.py')
num_points = {{'$NUM_POINTS:3'}}
codec = {{_base_.codec}}
steps = {{_base_.train_pipeline}}
param_scheduler = [dict(type='ConstantLR', factor=1.0)]
val_evaluator = dict(_delete_=True, type='PCKAccuracy', norm_item=['bbox'])
test_evaluator = val_evaluator
train_dataloader = dict(dataset=dict(metainfo=metainfo))
val_dataloader = dict(dataset=dict(metainfo=metainfo))
test_dataloader = dict(dataset=dict(metainfo=metainfo))
model = dict(head=dict(out_channels=num_points, decoder=codec))
