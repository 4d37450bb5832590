"""What can be said of all data sets that are read from COCO style files."""

from importlib import import_module

import pytest

from mmpose.registry import DATASETS
from mmpose.structures.metainfo import parse_pose_metainfo

DECLARED = [
    ('body', 'aic_dataset', 'AicDataset', 'aic', 14),
    ('body', 'coco_dataset', 'CocoDataset', 'coco', 17),
    ('body', 'crowdpose_dataset', 'CrowdPoseDataset', 'crowdpose', 14),
    ('body', 'exlpose_dataset', 'ExlposeDataset', 'exlpose', 14),
    ('body', 'humanart_dataset', 'HumanArtDataset', 'humanart', 17),
    ('body', 'humanart21_dataset', 'HumanArt21Dataset', 'humanart21', 21),
    ('body', 'jhmdb_dataset', 'JhmdbDataset', 'jhmdb', 15),
    ('body', 'mhp_dataset', 'MhpDataset', 'mhp', 16),
    ('body', 'mpii_dataset', 'MpiiDataset', 'mpii', 16),
    ('body', 'mpii_trb_dataset', 'MpiiTrbDataset', 'mpii_trb', 40),
    ('body', 'ochuman_dataset', 'OCHumanDataset', 'ochuman', 17),
    ('body', 'posetrack18_dataset', 'PoseTrack18Dataset', 'posetrack18', 17),
    ('body', 'posetrack18_video_dataset', 'PoseTrack18VideoDataset', 'posetrack18', 17),
    ('wholebody', 'coco_wholebody_dataset', 'CocoWholeBodyDataset', 'coco_wholebody', 133),
    ('wholebody', 'halpe_dataset', 'HalpeDataset', 'halpe', 136),
    ('wholebody', 'ubody2d_dataset', 'UBody2dDataset', 'ubody2d', 133),
    ('animal', 'animalkingdom_dataset', 'AnimalKingdomDataset', 'ak', 23),
    ('animal', 'animalpose_dataset', 'AnimalPoseDataset', 'animalpose', 20),
    ('animal', 'ap10k_dataset', 'AP10KDataset', 'ap10k', 17),
    ('animal', 'atrw_dataset', 'ATRWDataset', 'atrw', 15),
    ('animal', 'fly_dataset', 'FlyDataset', 'fly', 32),
    ('animal', 'horse10_dataset', 'Horse10Dataset', 'horse10', 22),
    ('animal', 'locust_dataset', 'LocustDataset', 'locust', 35),
    ('animal', 'macaque_dataset', 'MacaqueDataset', 'macaque', 17),
    ('animal', 'zebra_dataset', 'ZebraDataset', 'zebra', 9),
    ('fashion', 'deepfashion_dataset', 'DeepFashionDataset', 'deepfashion_full', 8),
    ('fashion', 'deepfashion2_dataset', 'DeepFashion2Dataset', 'deepfashion2', 294),
]


@pytest.mark.parametrize(
    ('folder', 'module', 'name', 'info', 'num_keypoints'), DECLARED, ids=lambda value: str(value)
)
@pytest.mark.filterwarnings('ignore:.*deepfashion2.py has faults')
def test_declared(folder, module, name, info, num_keypoints):
    cls = DATASETS.get(name)
    package = f'mmpose.datasets.datasets.{folder}'
    assert cls.__module__ == f'{package}.{module}'
    assert cls is getattr(import_module(package), name)
    assert cls is getattr(import_module('mmpose.datasets.datasets'), name)
    assert cls.METAINFO['from_file'] == f'configs/_base_/datasets/{info}.py'
    assert parse_pose_metainfo(cls.METAINFO)['num_keypoints'] == num_keypoints


PLAIN = [
    (name, num_keypoints)
    for *_, name, _, num_keypoints in DECLARED
    if name
    not in (
        'CocoWholeBodyDataset',
        'HumanArt21Dataset',
        'JhmdbDataset',
        'LocustDataset',
        'MpiiDataset',
        'MpiiTrbDataset',
        'PoseTrack18VideoDataset',
        'UBody2dDataset',
        'ZebraDataset',
    )
]


@pytest.mark.parametrize(('name', 'num_keypoints'), PLAIN)
@pytest.mark.filterwarnings('ignore:.*deepfashion2.py has faults')
def test_plain_data_sets_read_coco_files(coco_labels, name, num_keypoints):
    arguments = coco_labels(dict(keypoints=[12, 34, 2, *[0] * (3 * num_keypoints - 3)]))
    item = DATASETS.build(dict(type=name, **arguments))[0]
    assert item['keypoints'].shape == (1, num_keypoints, 2)
    assert item['keypoints'][0, 0].tolist() == [12, 34]
    assert item['keypoints_visible'].sum() == item['num_keypoints'] == 1
    assert item['bbox'].tolist() == [[10, 20, 40, 60]]
    assert item['area'] == pytest.approx(0.53 * 30 * 40)
