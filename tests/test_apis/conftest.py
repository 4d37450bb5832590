import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config

from mmpose.apis import init_model

PIPELINE = [
    dict(type='LoadImage'),
    dict(type='GetBBoxCenterScale'),
    dict(type='TopdownAffine', input_size=(48, 64)),
    dict(type='PackPoseInputs'),
]


def make_config():
    codec = dict(type='MSRAHeatmap', input_size=(48, 64), heatmap_size=(12, 16), sigma=1)
    return Config(
        dict(
            default_scope='mmpose',
            model=dict(
                type='TopdownPoseEstimator',
                data_preprocessor=dict(
                    type='PoseDataPreprocessor', mean=[100.0] * 3, std=[50.0] * 3, bgr_to_rgb=True
                ),
                backbone=dict(type='ResNet', depth=18, stem_channels=8, base_channels=8),
                head=dict(
                    type='HeatmapHead',
                    in_channels=64,
                    out_channels=17,
                    deconv_out_channels=(8, 8, 8),
                    loss=dict(type='KeypointMSELoss'),
                    decoder=codec,
                ),
                test_cfg=dict(flip_test=True, flip_mode='heatmap', shift_heatmap=True),
            ),
            test_dataloader=dict(
                dataset=dict(type='CocoDataset', data_mode='topdown', pipeline=PIPELINE)
            ),
        )
    )


@pytest.fixture
def config():
    return make_config()


@pytest.fixture(scope='session')
def checkpoint(tmp_path_factory):
    """A file of random weights that belong to the config, with the meta that training writes."""
    torch.manual_seed(0)
    model = init_model(make_config(), device='cpu')
    path = tmp_path_factory.mktemp('weights') / 'model.pth'
    torch.save(
        dict(state_dict=model.state_dict(), meta=dict(dataset_meta=model.dataset_meta)), path
    )
    return str(path)


@pytest.fixture
def model(config, checkpoint):
    return init_model(config, checkpoint, device='cpu')


@pytest.fixture(scope='session')
def image():
    rng = np.random.default_rng(0)
    return cv2.resize(rng.integers(0, 256, (12, 16, 3), dtype=np.uint8), (120, 90))


@pytest.fixture
def folder(tmp_path):
    """Three pictures in a folder, beside a file that is none."""
    path = tmp_path / 'pictures'
    path.mkdir()
    rng = np.random.default_rng(1)
    for name, size in (('b.png', (100, 80)), ('a.png', (120, 90)), ('c.png', (64, 64))):
        small = rng.integers(0, 256, (10, 10, 3), dtype=np.uint8)
        cv2.imwrite(str(path / name), cv2.resize(small, size))
    (path / 'notes.txt').write_text('no picture')
    return path
