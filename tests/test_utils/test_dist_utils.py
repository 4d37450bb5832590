import os

import pytest
import torch
from torch import distributed as dist
from torch import multiprocessing

from mmpose.utils import reduce_mean


def test_one_process_keeps_the_tensor():
    tensor = torch.ones(2)
    assert reduce_mean(tensor) is tensor


def worker(rank, store, results):
    dist.init_process_group('gloo', init_method=f'file://{store}', rank=rank, world_size=2)
    tensor = torch.tensor([1.0, 10.0]) * (rank + 1)
    mean = reduce_mean(tensor)
    torch.save((tensor, mean), os.path.join(results, f'{rank}.pt'))
    dist.destroy_process_group()


@pytest.mark.slow
@pytest.mark.skipif(not dist.is_available(), reason='needs torch.distributed')
def test_two_processes_share_the_mean(tmp_path):
    multiprocessing.spawn(worker, args=(tmp_path / 'store', tmp_path), nprocs=2)
    for rank in range(2):
        tensor, mean = torch.load(tmp_path / f'{rank}.pt')
        assert mean.tolist() == [1.5, 15]
        assert tensor.tolist() == [rank + 1, 10 * (rank + 1)]
