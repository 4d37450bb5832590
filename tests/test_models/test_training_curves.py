"""The published configs train as recorded: losses of 30 steps for one config of each family."""

import copy
import os
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
import torch

from mmpose.utils.resources import resource_path

curves = pytest.importorskip(
    'training_curves', reason='benchmarks/ is not part of this installation'
)
from training_curves import steady, training  # noqa: E402
from training_curves.configs import small_config  # noqa: E402

RECORDING = Path(__file__).parents[1] / 'data' / 'training_curves.json'
RECORDED = curves.read_curves(RECORDING)
FAST = (
    'body_2d_keypoint/rtmpose',
    'body_2d_keypoint/yoloxpose',
    'body_3d_keypoint/image_pose_lift',
)
CHEAPEST = 'body_3d_keypoint/image_pose_lift'
FAMILIES = [
    pytest.param(family, marks=() if family in FAST else pytest.mark.slow)
    for family in curves.CURVES
]


@pytest.fixture(scope='module')
def training_ahead(request):
    """Slow families that are to be tested, in training in a process for each core."""
    tests = [item for item in request.session.items if item.get_closest_marker('slow')]
    params = [getattr(item, 'callspec', None) and item.callspec.params for item in tests]
    families = [found['family'] for found in params if found and found.get('family') in RECORDED]
    if not families:
        yield {}
        return
    workers = min(os.cpu_count() or 1, 4, len(families))  # of more than a gigabyte each
    with ProcessPoolExecutor(workers, get_context('spawn')) as pool:
        yield {family: pool.submit(curves.train, family) for family in families}


@pytest.mark.parametrize('family', FAMILIES)
def test_the_curve_is_the_recorded_one(family, training_ahead):
    found = training_ahead[family].result() if family in training_ahead else curves.train(family)
    assert {len(losses) for losses in found.values()} == {curves.STEPS}
    assert curves.falls(found)
    deviations = curves.compare(RECORDED[family], found)
    assert all(deviation.accepted for deviation in deviations), '\n'.join(map(str, deviations))


def test_every_family_of_configs_is_recorded():
    folders = {
        f'{path.parent.name}/{path.name}'
        for path in resource_path('configs').glob('*_keypoint/*')
        if path.is_dir()
    }
    assert set(RECORDED) == set(curves.CURVES) == folders - curves.WITHOUT_LOSS
    for losses in RECORDED.values():
        assert {len(curve) for curve in losses.values()} == {curves.STEPS}
        assert curves.falls(losses)


def faster(config, batch):
    config.optim_wrapper.optimizer.lr *= 1.1


def heavier(config, batch):
    config.model.head.loss.loss_weight = 1.05


def mirrored(config, batch):
    batch['data_samples'][0].gt_instance_labels.lifting_target_label[..., 0] *= -1


def undamped(config, batch):
    config.model.backbone.dropout = 0.0


@pytest.mark.parametrize('defect', [None, faster, heavier, mirrored, undamped])
def test_defects_are_noticed(defect):
    config = small_config(CHEAPEST, curves.CURVES[CHEAPEST])
    with steady.steady():
        batch = training.packed(config)
        if defect:
            defect(config, batch)
        found = training.losses(training.build(config), batch, config.optim_wrapper, steps=5)
    accepted = [deviation.accepted for deviation in curves.compare(RECORDED[CHEAPEST], found)]
    assert accepted == [defect is None]


def test_deviations():
    expected, found = dict(loss=[4.0, 2.0, 1.0]), dict(loss=[4.0, 2.001, 1.00001])
    (deviation,) = curves.compare(expected, found)
    assert (deviation.name, deviation.step, deviation.accepted) == ('loss', 2, False)
    assert str(deviation) == 'loss: 5.0e-04 at step 2 of 1.0e-04'
    assert curves.compare(expected, dict(loss=[4.0004]))[0].accepted
    assert not curves.compare(expected, dict(loss=[4.0, float('nan')]))[0].accepted
    crossing = dict(loss=[4.0, 0.0])  # near 0, a tenth of the greatest value counts
    assert curves.compare(crossing, dict(loss=[4.0, 3e-5]))[0].relative == pytest.approx(7.5e-5)
    with pytest.raises(ValueError, match=r"The losses are \['other'\] but those recorded are"):
        curves.compare(expected, dict(other=[1.0]))
    with pytest.raises(ValueError, match='loss has 4 steps, but 3 are recorded; record them again'):
        curves.compare(expected, dict(loss=[1.0] * 4))


def test_tolerances_grow():
    found = curves.tolerances(30)
    assert found[[0, 4, 29]] == pytest.approx([1e-4, 1e-4, 1e-2])
    assert (found[5:] > found[4:-1]).all()


def test_files_hold_a_line_for_each_curve(tmp_path):
    found = {'b/c': dict(loss_z=[1 / 3, 2e-7], loss_a=[1234567.0]), 'a/d': dict(loss=[1.0])}
    curves.write_curves(tmp_path / 'curves.json', found)
    assert (tmp_path / 'curves.json').read_text().splitlines() == [
        '{', '  "a/d": {', '    "loss": [1.0]', '  },', '  "b/c": {',
        '    "loss_a": [1234570.0],', '    "loss_z": [0.333333, 2e-07]', '  }', '}',
    ]  # fmt: skip
    rounded = {'a/d': dict(loss=[1.0]), 'b/c': dict(loss_a=[1234570.0], loss_z=[0.333333, 2e-7])}
    assert curves.read_curves(tmp_path / 'curves.json') == rounded


def test_weights_depend_on_names_alone():
    def layers(names):
        return torch.nn.ModuleDict({name: torch.nn.Linear(4, 2) for name in names})

    first, second = layers('ab'), layers('ba')
    first['norm'] = torch.nn.BatchNorm1d(4)
    steady.draw_weights(first), steady.draw_weights(second)
    assert torch.equal(first['a'].weight, second['a'].weight)
    assert torch.equal(first['norm'].weight, torch.ones(4))
    assert not torch.equal(first['a'].weight, first['b'].weight)


def test_dropout_keeps_the_mean():
    torch.manual_seed(0)
    layer, ones = torch.nn.Dropout(0.25), torch.ones(100, 100)
    with steady.steady():
        steady.seed(0)
        found = layer(ones)
        steady.seed(0)
        torch.rand(1)
        again = layer(ones)
        assert torch.equal(copy.deepcopy(layer).eval()(ones), ones)
    assert torch.equal(found, again)  # PyTorch's generator has no part in it
    assert found.unique().tolist() == pytest.approx([0, 4 / 3])
    assert found.mean().item() == pytest.approx(1, abs=0.03)


@pytest.mark.slow
def test_the_script_checks():
    script = Path(__file__).parents[2] / 'tools' / 'misc' / 'record_training_curves.py'
    run = subprocess.run(
        [sys.executable, script, '--check', 'image_pose_lift'], capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    assert 'body_3d_keypoint/image_pose_lift: ' in run.stdout
    assert 'loss_pose3d: ' in run.stdout
