"""Numbers do not depend on how many processes share out the samples, nor on how they do."""

import os
import pickle
import sys
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
import torch.distributed as dist
import torch.multiprocessing as mp

from mmpose.registry import EVALUATORS, METRICS

META = dict(dataset_name='toy', num_keypoints=42, sigmas=np.full(42, 0.1))
NUM_SAMPLES = 11
# uneven, not in turn, some twice in one process and some in both, and those that end up last first
SHARES = ([9, 2, 2, 0, 7, 10, 4, 1], [3, 10, 8, 6, 5, 0])
MICE = dict(
    type='CocoDataset',
    metainfo=dict(
        dataset_name='mice',
        keypoint_info={0: dict(name='nose', swap='')},
        skeleton_info={},
        joint_weights=[1],
        sigmas=[0.1],
    ),
)
CASES = dict(
    coco=dict(type='CocoMetric', nms_thr=0.6),
    pck=dict(type='PCKAccuracy', thr=0.1),
    epe=dict(type='EPE', rmse=True),
    hands=dict(type='InterHandMetric'),
    coco_parts=dict(
        type='KeypointPartitionMetric',
        metric=dict(type='CocoMetric'),
        partitions=dict(right=range(21), left=range(21, 42)),
    ),
    pck_parts=dict(
        type='KeypointPartitionMetric',
        metric=dict(type='PCKAccuracy', thr=0.1),
        partitions=dict(right=range(21), roots=[20, 41]),
    ),
    several=dict(
        type='MultiDatasetEvaluator',
        metrics=[dict(type='EPE', prefix='coco'), dict(type='EPE', prefix='mice')],
        datasets=[dict(type='CocoDataset'), MICE],
    ),
)


def sample(index):
    """Two hands with noise: of an image three, which differ in scores."""
    rng = np.random.default_rng(index)
    labels = rng.uniform(20, 120, (1, 42, 2)).astype(np.float32)
    visible = (rng.uniform(size=(1, 42)) < 0.8).astype(np.float32)
    visible[:, [20, 41]] = 1
    ann = dict(
        id=index,
        image_id=index // 3,
        category_id=1,
        bbox=[10, 10, 120, 120],
        area=5000,
        keypoints=np.dstack([labels, 2 * visible]).ravel().tolist(),
    )
    depths = np.array([900.0, 1000.0])
    noisy = labels + rng.normal(0, 8, labels.shape)
    hands = np.array([[[1, 1], [1, 0], [0, 1]][index % 3]])
    return dict(
        id=index,
        img_id=index // 3,
        dataset_name=['coco', 'mice'][index % 2],
        raw_ann_info=ann,
        focal=[1000.0, 1000.0],
        principal_pt=[64.0, 64.0],
        abs_depth=depths,
        hand_type=hands,
        hand_type_valid=[1],
        pred_instances=dict(
            keypoints=noisy,
            keypoint_scores=rng.uniform(0.2, 1, (1, 42)),
            bbox_scores=rng.uniform(0.5, 1, 1),
            rel_root_depth=rng.normal(100, 20, 1),
            hand_type=(rng.uniform(size=(1, 2)) < 0.8).astype(int),
        ),
        gt_instances=dict(
            keypoints=labels, keypoints_visible=visible, bboxes=np.array([[10.0, 10, 130, 130]])
        ),
    )


def hands_sample(index):
    """The same with depths."""
    item = sample(index)
    depths = np.repeat(item['abs_depth'], 21)[None, :, None]
    xy = (item['gt_instances']['keypoints'] - 64) / 1000 * depths
    item['gt_instances']['keypoints_cam'] = np.concatenate([xy, depths], axis=-1)
    flat = np.zeros((1, 42, 1))
    pred = item['pred_instances']
    pred['keypoints'] = np.concatenate([pred['keypoints'], flat], axis=-1)
    return item


def numbers_of(name, indices):
    make = hands_sample if name == 'hands' else sample
    registry = EVALUATORS if name == 'several' else METRICS
    metric = registry.build(dict(CASES[name]))
    metric.dataset_meta = META
    for index in indices:
        if name == 'several':
            metric.process([make(index)])
        else:
            metric.process({}, [make(index)])
    return metric.evaluate(NUM_SAMPLES)


def run_process(rank, folder):
    if sys.platform == 'linux':
        os.environ['GLOO_SOCKET_IFNAME'] = 'lo'
    os.chdir(folder)  # results are exchanged by files there
    dist.init_process_group(
        'gloo',
        init_method=f'file://{folder}/rendezvous',
        rank=rank,
        world_size=len(SHARES),
        timeout=timedelta(seconds=60),
    )
    numbers = {name: numbers_of(name, SHARES[rank]) for name in CASES}
    Path(f'numbers{rank}.pkl').write_bytes(pickle.dumps(numbers))
    dist.destroy_process_group()


@pytest.fixture(scope='module')
def shared(tmp_path_factory):
    """The numbers of all cases, by process."""
    if not dist.is_available() or not dist.is_gloo_available():
        pytest.skip('PyTorch comes without gloo')
    folder = tmp_path_factory.mktemp('processes')
    mp.spawn(run_process, (str(folder),), nprocs=len(SHARES))
    return [
        pickle.loads((folder / f'numbers{rank}.pkl').read_bytes()) for rank in range(len(SHARES))
    ]


@pytest.mark.parametrize('name', CASES)
def test_numbers_are_those_of_one_process(shared, name):
    assert set(SHARES[0]) | set(SHARES[1]) == set(range(NUM_SAMPLES))
    alone = numbers_of(name, range(NUM_SAMPLES))
    assert [numbers[name] for numbers in shared] == [alone, alone]
    assert any(value not in (-1, 0, 1) for value in alone.values())
