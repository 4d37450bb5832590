"""``mmpose quickstart`` on a handful of pictures leaves what it promises."""

import json
import os
import re
import subprocess
import sys

import pytest


def quickstart(folder, *argv):
    command = [sys.executable, '-m', 'mmpose', 'quickstart', *argv]
    env = dict(os.environ, OMP_NUM_THREADS='1')
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)


@pytest.mark.slow
def test_quickstart_leaves_pictures_plot_and_checkpoint(tmp_path):
    import cv2

    done = quickstart(tmp_path, '--images', '8', '--epochs', '1')
    assert done.returncode == 0, done.stderr
    work_dir = tmp_path / 'work_dirs' / 'quickstart'
    assert len(list((work_dir / 'data' / 'train').glob('*.jpg'))) == 8
    drawn = sorted(path.name for path in (work_dir / 'predictions').glob('*.jpg'))
    assert drawn == [f'{index:08d}.jpg' for index in range(16, 24)]  # the unseen ones
    before, after = (
        cv2.imread(str(work_dir / folder / drawn[0])) for folder in ('data/test', 'predictions')
    )
    assert before.shape == after.shape
    assert (before != after).any()
    assert cv2.imread(str(work_dir / 'training.png')) is not None
    precision = json.loads((work_dir / 'metrics.json').read_text())['coco/AP']
    told = re.search(r'AP\) on 8 unseen pictures: (\S+)', done.stdout)
    assert float(told[1]) == pytest.approx(precision, abs=5e-4)
    assert '$ mmpose test configs/quickstart/' in done.stdout


def test_too_few_pictures(tmp_path):
    done = quickstart(tmp_path, '--images', '3')
    assert done.returncode == 1
    assert 'error: --images is 3; give 8 or more.' in done.stderr
