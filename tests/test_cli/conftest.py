"""A project small enough to train in seconds: a dozen drawn people and a config for them."""

import os

import pytest
from mmengine.runner import CheckpointLoader

CONFIG = """
_base_ = 'mmpose::quickstart/td-hm_res18-slim_synthetic-people-128x96.py'
data_root = {root!r}
codec = dict(
    type='MSRAHeatmap', input_size=(64, 64), heatmap_size=(16, 16), sigma=1.5, unbiased=False
)
train_pipeline = [
    dict(type='LoadImage'),
    dict(type='GetBBoxCenterScale'),
    dict(type='TopdownAffine', input_size=codec['input_size']),
    dict(type='GenerateTarget', encoder=codec),
    dict(type='PackPoseInputs'),
]
val_pipeline = train_pipeline[:3] + train_pipeline[-1:]
loader = dict(batch_size=4, num_workers=0, persistent_workers=False)
train_dataloader = dict(**loader, dataset=dict(data_root=data_root, pipeline=train_pipeline))
val_dataloader = dict(
    **loader,
    dataset=dict(
        data_root=data_root,
        ann_file='annotations/train.json',
        data_prefix=dict(img='train/'),
        pipeline=val_pipeline,
    ),
)
test_dataloader = val_dataloader
val_evaluator = dict(ann_file=data_root + 'annotations/train.json')
test_evaluator = val_evaluator
model = dict(
    backbone=dict(stem_channels=8, base_channels=8),
    head=dict(in_channels=32, deconv_out_channels=(8, 8), decoder=codec),
)
train_cfg = dict(max_epochs=1, val_interval=1)
param_scheduler = None
default_hooks = dict(checkpoint=dict(interval=1, max_keep_ckpts=-1))
experiment_name = {name!r}
del loader
"""


@pytest.fixture(scope='session')
def tiny_data(tmp_path_factory):
    from mmpose.datasets.synthetic import SyntheticPeople

    root = tmp_path_factory.mktemp('people')
    people = SyntheticPeople((160, 120), (2, 2), (60, 100), 0)
    people.write_coco(root, 5, ann_file='annotations/train.json', img_dir='train')
    return root


@pytest.fixture
def tiny_project(tiny_data, tmp_path, monkeypatch):
    """A folder to work in, with ``tiny.py``; what commands set in the process is undone."""
    # Runners of one name and second would share a logger, which writes to a closed stream.
    text = CONFIG.format(root=f'{tiny_data}/', name=tmp_path.name)
    (tmp_path / 'tiny.py').write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, 'environ', os.environ.copy())
    monkeypatch.setattr(CheckpointLoader, '_schemes', dict(CheckpointLoader._schemes))
    return tmp_path
