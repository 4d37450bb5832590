import pytest

from mmpose.models import build_pose_estimator
from mmpose.models.utils import check_and_update_config


@pytest.mark.parametrize(
    ('settings', 'neck', 'in_channels'),
    [
        (dict(input_index=2), dict(select_index=2), 32),
        (dict(input_transform='select', align_corners=True), dict(select_index=-1), 32),
        (dict(input_index=[0, 2]), dict(select_index=[0, 2]), [8, 32]),
        (dict(input_transform='resize_concat'), dict(select_index=None, concat=True), 56),
        (
            dict(input_transform='resize_concat', input_index=(0, 2)),
            dict(select_index=(0, 2), concat=True),
            40,
        ),
    ],
)
def test_the_choice_moves_into_the_neck(settings, neck, in_channels):
    head = dict(type='HeatmapHead', in_channels=[8, 16, 32], **settings)
    before = dict(head)
    with pytest.warns(DeprecationWarning, match='of the head are deprecated; write neck='):
        new_neck, new_head = check_and_update_config(None, head)
    assert new_neck == dict(
        type='FeatureMapProcessor', align_corners=settings.get('align_corners', False), **neck
    )
    assert new_head == dict(type='HeatmapHead', in_channels=in_channels)
    assert head == before


def test_other_configs_stay():
    neck, head = dict(type='FPN'), dict(type='HeatmapHead', in_channels=8)
    assert check_and_update_config(neck, head) == (neck, head)
    assert check_and_update_config(None, None) == (None, None)


def test_errors():
    with pytest.raises(ValueError, match=r'the config has one \(FPN\); drop .*input_index'):
        check_and_update_config(dict(type='FPN'), dict(type='HeatmapHead', input_index=0))
    with pytest.raises(ValueError, match="input_transform of the head is 'multiple_select'"):
        check_and_update_config(None, dict(input_transform='multiple_select'))


def test_a_model_of_such_a_config():
    cfg = dict(
        type='TopdownPoseEstimator',
        backbone=dict(
            type='ResNet', depth=18, base_channels=4, stem_channels=4, out_indices=(0, 3)
        ),
        head=dict(
            type='HeatmapHead',
            in_channels=[4, 32],
            out_channels=3,
            deconv_out_channels=None,
            input_transform='resize_concat',
        ),
    )
    with pytest.warns(DeprecationWarning, match='input_transform'):
        model = build_pose_estimator(cfg)
    assert model.head.in_channels == 36
    assert model.neck.concat
