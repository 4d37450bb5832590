import pytest
import torch
from mmengine.logging import MessageHub

from mmpose.cli.main import main
from mmpose.models import DWPoseDistiller
from mmpose.registry import MODELS
from mmpose.testing import get_packed_inputs
from mmpose.utils.checkpoint import CheckpointError

STUDENT = """
codec = dict(type='SimCCLabel', input_size=(64, 64), sigma=4.0, simcc_split_ratio=2.0)
model = dict(
    type='TopdownPoseEstimator',
    data_preprocessor=dict(type='PoseDataPreprocessor'),
    backbone=dict(type='ResNet', depth=18, stem_channels=4, base_channels={channels}),
    head=dict(
        type='RTMCCHead',
        in_channels={channels} * 8,
        out_channels=5,
        input_size=codec['input_size'],
        in_featuremap_size=(2, 2),
        gau_cfg=dict(hidden_dims=8, s=4),
        loss=dict(type='KLDiscretLoss', beta=2.0),
        decoder=codec,
    ),
    test_cfg=dict(flip_test=True),
)
"""
FEATURES = dict(
    type='FeaLoss', name='loss_fea', use_this=True, student_channels=16, teacher_channels=32
)
LOGITS = dict(type='KDLoss', name='loss_logit', use_this=True, weight=0.1)
FIRST = [dict(methods=[FEATURES]), dict(methods=[LOGITS])]


@pytest.fixture
def configs(tmp_path, monkeypatch):
    """Files in the working directory: ``small.py`` and ``large.py``, with twice the channels."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'small.py').write_text(STUDENT.format(channels=2))
    (tmp_path / 'large.py').write_text(STUDENT.format(channels=4))


@pytest.fixture
def first(configs):
    """A distiller of the first stage."""
    torch.manual_seed(0)
    return build('large.py', distill_cfg=FIRST)


@pytest.fixture
def second(configs):
    """A distiller of the second stage."""
    torch.manual_seed(0)
    return build('small.py', distill_cfg=FIRST[1:], two_dis=True)


def build(teacher, student='small.py', **kwargs):
    cfg = dict(type='DWPoseDistiller', teacher_cfg=teacher, student_cfg=student, **kwargs)
    model = MODELS.build(dict(cfg, data_preprocessor=dict(type='PoseDataPreprocessor')))
    assert isinstance(model, DWPoseDistiller)
    return model


@pytest.fixture
def batch():
    return get_packed_inputs(
        2, num_keypoints=5, img_shape=(64, 64), input_size=(64, 64), with_heatmap=False
    )


@pytest.fixture(autouse=True)
def at_epoch(monkeypatch):
    """Sets the epoch of a run of 10; without a call there is no run."""
    hub = MessageHub('distillation')
    monkeypatch.setattr(MessageHub, 'get_current_instance', lambda: hub)

    def set_epoch(epoch):
        hub.update_info('max_epochs', 10)
        hub.update_info('epoch', epoch)

    return set_epoch


def losses(model, batch):
    return model(**model.data_preprocessor(batch), mode='loss')


def test_first_stage_fades_the_teacher_out(first, batch, at_epoch):
    first.eval()
    at_epoch(0)
    start = losses(first, batch)
    assert list(start) == ['loss_kpt', 'acc_pose', 'loss_fea', 'loss_logit']
    at_epoch(8)
    late = losses(first, batch)
    assert (first.epoch, first.max_epochs) == (8, 10)
    torch.testing.assert_close(late['loss_kpt'], start['loss_kpt'])
    for name in ('loss_fea', 'loss_logit'):
        assert start[name] > 0
        torch.testing.assert_close(late[name], 0.2 * start[name])


def test_first_stage_losses_are_those_of_the_parts(first, batch):
    first.eval()
    data = first.data_preprocessor(batch)
    found = first(**data, mode='loss')
    feats, feats_t = (
        model.extract_feat(data['inputs']) for model in (first.student, first.teacher)
    )
    assert found['loss_kpt'] == first.student(**data, mode='loss')['loss_kpt']
    assert found['loss_fea'] == first.distill_losses['loss_fea'](feats[-1], feats_t[-1])
    logits, logits_t = first.student.head(feats), first.teacher.head(feats_t)
    expected = first.distill_losses['loss_logit'](logits, logits_t, 2.0, None)  # the loss's beta
    torch.testing.assert_close(found['loss_logit'], expected)


def test_only_the_student_and_the_alignment_learn(first, batch):
    first.train()
    assert not any(module.training for module in first.teacher.modules())
    assert first.student.backbone.training
    before = {k: v.clone() for k, v in first.teacher.state_dict().items()}
    found = losses(first, batch)
    sum(v for k, v in found.items() if 'loss' in k).backward()
    trained = {k for k, p in first.named_parameters() if p.grad is not None}
    assert trained == {
        k for k, _ in first.named_parameters() if k.startswith(('student.', 'distill_losses.'))
    }
    assert 'distill_losses.loss_fea.align.weight' in trained
    after = first.teacher.state_dict()  # running statistics too
    assert all(torch.equal(value, after[name]) for name, value in before.items())


def test_second_stage_trains_a_head_on_frozen_features(second, batch, at_epoch):
    at_epoch(8)
    second.train()
    assert not second.student.backbone.training
    found = losses(second, batch)
    assert list(found) == ['acc_pose', 'loss_logit']
    found['loss_logit'].backward()
    trained = {k for k, p in second.named_parameters() if p.grad is not None}
    assert trained == {f'student.head.{name}' for name, _ in second.student.head.named_parameters()}
    second.student.head.load_state_dict(second.teacher.head.state_dict())
    entropy_of_none = losses(second.eval(), batch)['loss_logit']
    assert entropy_of_none.item() == pytest.approx(0, abs=1e-6)  # the teacher agrees with itself


def test_predictions_are_the_students(first, second, batch):
    for model in (first.eval(), second.eval()):
        data = model.data_preprocessor(batch)
        with torch.no_grad():
            expected = model.student.head(model.extract_feat(data['inputs']))
            torch.testing.assert_close(model(data['inputs']), expected)
            samples = model(**data, mode='predict')
            again = model.predict(data['inputs'], data['data_samples'])
        assert [s.pred_instances.keypoints.shape for s in samples] == [(1, 5, 2)] * 2
        assert (again[0].pred_instances.keypoints == samples[0].pred_instances.keypoints).all()
    assert first.test_cfg == dict(flip_test=True)


def test_lists_of_pictures_are_stacked(first, batch):
    data = first.data_preprocessor(batch)
    whole = first.eval()(**data, mode='loss')
    torch.testing.assert_close(
        first(list(data['inputs']), data['data_samples'], mode='loss'), whole
    )


def test_weights_of_the_teacher_are_loaded(configs, first, second, tmp_path):
    torch.save(dict(state_dict=second.student.state_dict()), 'teacher.pth')
    other = build('small.py', teacher_pretrained='teacher.pth', two_dis=True)
    other.init_weights()
    for name, value in second.student.state_dict().items():
        assert torch.equal(other.teacher.state_dict()[name], value)
    # the head of the second stage is new, the rest is the teacher's
    assert torch.equal(other.student.backbone.conv1.weight, second.student.backbone.conv1.weight)
    assert not torch.equal(other.student.head.cls_x.weight, second.student.head.cls_x.weight)
    with pytest.raises(CheckpointError, match=r'teacher\.pth does not fit the model'):
        build('large.py', teacher_pretrained='teacher.pth').init_weights()
    with pytest.raises(FileNotFoundError, match=r'none\.pth does not exist'):
        build('large.py', teacher_pretrained='none.pth').init_weights()


def test_init_cfg_comes_last(configs):
    model = build('large.py', init_cfg=dict(type='Constant', layer='Linear', val=3.0))
    model.init_weights()
    assert (model.student.head.cls_x.weight == 3).all()


def test_configs_may_be_given_as_they_are(configs):
    from mmengine.config import Config

    model = build(Config.fromfile('large.py'), Config.fromfile('small.py').to_dict())
    assert (model.teacher.head.in_channels, model.student.head.in_channels) == (32, 16)


def test_errors(configs):
    with pytest.raises(ValueError, match="a loss 'loss_mgd'; there are 'loss_fea'"):
        build('large.py', distill_cfg=[dict(methods=[dict(LOGITS, name='loss_mgd')])])
    with pytest.raises(ValueError, match=r"has 'loss_fea', but with two_dis=True"):
        build('small.py', distill_cfg=FIRST, two_dis=True)
    with pytest.raises(ValueError, match='ResNet returns 32 channels and RTMCCHead expects'):
        build('large.py', two_dis=True)
    with pytest.raises(FileNotFoundError, match=r"'none\.py' was not found"):
        build('none.py')
    unused = [dict(methods=[dict(FEATURES, use_this=False), LOGITS])]
    assert list(build('small.py', two_dis=True, distill_cfg=unused).distill_losses) == [
        'loss_logit'
    ]


@pytest.mark.parametrize('stage', ['first', 'second'])
def test_the_student_is_taken_out_of_a_checkpoint(stage, request, capsys):
    model = request.getfixturevalue(stage)
    meta = dict(dataset_meta=dict(dataset_name='coco'))
    torch.save(dict(meta=meta, state_dict=model.state_dict(), optimizer={}), 'distilled.pth')
    options = ['--two_dis'] if stage == 'second' else []
    assert main(['pth_transfer', 'distilled.pth', 'new/student.pth', *options]) == 0
    assert 'The student is in new/student.pth.' in capsys.readouterr().out
    saved = torch.load('new/student.pth')
    assert (set(saved), saved['meta']) == ({'meta', 'state_dict'}, meta)
    expected = model.student.state_dict()
    assert set(saved['state_dict']) == set(expected)
    assert all(torch.equal(saved['state_dict'][name], v) for name, v in expected.items())


def test_the_unused_backbone_in_second_stages_of_mmpose_1_is_passed_over(second):
    unused = 'student.backbone.'
    state_dict = {
        name: torch.zeros_like(value) if name.startswith(unused) else value.clone()
        for name, value in second.state_dict().items()
    }
    expected = state_dict['teacher.backbone.conv1.weight']
    torch.save(dict(state_dict=state_dict), 'distilled.pth')
    main(['pth_transfer', 'distilled.pth', 'student.pth', '--two_dis'])
    saved = torch.load('student.pth')['state_dict']
    assert torch.equal(saved['backbone.conv1.weight'], expected)
    second.load_state_dict(state_dict)
    assert torch.equal(second.student.backbone.conv1.weight, expected)


def test_a_checkpoint_without_student(first, capsys):
    torch.save(dict(state_dict=first.student.state_dict()), 'plain.pth')
    assert main(['pth_transfer', 'plain.pth', 'student.pth']) == 1
    assert 'has no student; its parts are backbone, head.' in capsys.readouterr().err
