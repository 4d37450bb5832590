import hashlib
import json

import pytest

from mmpose.cli.main import main
from mmpose.utils.model_zoo import find_zoo_model

DIGITS = hashlib.sha256(b'weights').hexdigest()[:8]
RTMPOSE = 'rtmpose-t_8xb256-420e_body8-256x192'


def run(capsys, *words):
    status = main(['models', *words])
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def test_list(capsys):
    status, out, _ = run(capsys, 'list', 'rtmo', 'crowdpose-640x640', '--weights')
    assert status == 0
    names = [line.split()[0] for line in out.splitlines() if line.startswith('   ')]
    assert names == [
        'rtmo-l_16xb16-700e_body7-crowdpose-640x640',
        'rtmo-l_16xb16-700e_crowdpose-640x640',
        'rtmo-m_16xb16-700e_crowdpose-640x640',
        'rtmo-s_8xb32-700e_crowdpose-640x640',
    ]
    assert '4 models. Figures as published' in out


def test_list_of_a_task_as_json(capsys):
    _, out, _ = run(capsys, 'list', '--task', 'body-3d', '--json')
    entries = json.loads(out)
    assert len(entries) == 12
    assert all(entry['config'].startswith('configs/body_3d_keypoint/') for entry in entries)


def test_nothing_to_list(capsys):
    status, _, err = run(capsys, 'list', 'unicorn')
    assert status == 1
    assert "No model of the zoo has 'unicorn'" in err


def test_show(capsys):
    status, out, _ = run(capsys, 'show', 'human')
    assert status == 0
    for text in ('RTMPose: Real-Time', '13.59 M', '192 x 256 (width, height)', 'Mean@0.1', '0.749'):
        assert text in out


def test_show_a_distillation_as_json(capsys):
    _, out, _ = run(capsys, 'show', 'dwpose_l_dis_m_coco-ubody-256x192', '--json')
    shown = json.loads(out)
    assert shown['weights'] is None
    assert shown['model']['backbone'] == 'CSPNeXt'  # of the student
    assert shown['model']['codec'] == 'SimCCLabel'


def test_a_miss(capsys):
    status, _, err = run(capsys, 'show', 'rtmpose-q')
    assert status == 1
    assert "Did you mean 'rtmpose-" in err


@pytest.fixture
def published(tmp_path, monkeypatch):
    """A checkpoint that is at hand; a function sets the digits in its name."""
    file = tmp_path / 'published' / 'weights.pth'
    file.parent.mkdir()
    file.write_bytes(b'weights')

    def publish(digits=DIGITS):
        named = file.rename(file.with_name(f'weights-{digits}_20240101.pth'))
        model = find_zoo_model(RTMPOSE)
        object.__setattr__(model, 'weights', named.as_uri())
        monkeypatch.setattr('mmpose.cli.models.find_zoo_model', lambda name: model)
        return named.name

    return publish


def test_download(capsys, published, tmp_path):
    name = published()
    status, out, _ = run(capsys, 'download', 'rtmpose-t', '--dest', str(tmp_path / 'to'))
    assert status == 0
    assert out.splitlines()[0] == str(tmp_path / f'to/{RTMPOSE}.py')
    assert (tmp_path / 'to' / name).read_bytes() == b'weights'
    config = (tmp_path / f'to/{RTMPOSE}.py').read_text()
    assert '_base_ =' not in config
    assert run(capsys, 'download', 'rtmpose-t', '--dest', str(tmp_path / 'to'))[0] == 0


def test_damaged_download(capsys, published, tmp_path):
    name = published('00000000')
    words = ['download', 'rtmpose-t', '--dest', str(tmp_path / 'to')]
    status, _, err = run(capsys, *words)
    assert status == 1
    assert 'its SHA-256 does not begin with 00000000' in err
    assert not (tmp_path / 'to' / name).exists()
    assert run(capsys, *words, '--no-verify')[0] == 0
    assert (tmp_path / 'to' / name).exists()


def test_download_without_a_network(capsys, published, tmp_path):
    name = published()
    (tmp_path / 'published' / name).unlink()
    status, _, err = run(capsys, 'download', 'rtmpose-t', '--dest', str(tmp_path))
    assert status == 1
    assert 'could not be loaded' in err
    assert 'Load it elsewhere and give its path' in err


def test_config_of_a_model_without_weights(capsys, tmp_path):
    name = 'dwpose_l_dis_m_coco-ubody-256x192'
    words = ['download', name, '--dest', str(tmp_path)]
    assert 'No checkpoint of' in run(capsys, *words)[2]
    assert run(capsys, *words, '--config-only')[0] == 0
    assert (tmp_path / f'{name}.py').exists()
