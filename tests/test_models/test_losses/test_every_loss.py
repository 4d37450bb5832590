"""Tests over all losses of the registry; a new one gets a row in ``ROWS``."""

from typing import Any, NamedTuple

import pytest
import torch

import mmpose.models.losses
from mmpose.models.losses import classification_loss, heatmap_loss, regression_loss
from mmpose.registry import MODELS


def uniform(*shape, low=0.0, high=1.0):
    return torch.empty(shape, dtype=torch.float64).uniform_(low, high)


def maps(channels=3):
    return uniform(2, channels, 4, 5, low=0.05, high=0.95)


def points(dims=2):
    return uniform(2, 3, dims, low=-1)


def simcc():
    return uniform(2, 3, 6, low=-1), uniform(2, 3, 5, low=-1)


def distributions():
    return tuple(logits.softmax(-1) for logits in simcc())


def boxes():
    return torch.cat([uniform(4, 2), uniform(4, 2, low=1.5, high=3)], 1)


def tag_cells():
    cells = torch.randint(20, (2, 3))
    return [torch.stack([cells, torch.ones(2, 3, dtype=torch.int64)], -1) for _ in range(2)]


def peaks():
    """Maps with one cell of 1 for each keypoint."""
    target = maps()
    target[..., 0, 0] = 1
    return target


def lifted():
    return dict(
        labeled_pose=points(3), unlabeled_pose=points(3), unlabeled_traj=points(3)[:, :1] + 5
    )


def seen():
    return dict(unlabeled_target_2d=points(), intrinsics=uniform(2, 9, low=-0.1, high=0.1))


class Row(NamedTuple):
    inputs: Any  # the arguments of forward: prediction first
    config: dict = {}
    weights: tuple | None = None  # shape of the target weights, the last argument
    factors: tuple = ('loss_weight',)  # parameters that the loss is proportional to, together


UNWEIGHTED = dict(use_target_weight=False)
CHAIN = dict(joint_parents=[0, 0, 1])
ROWS = dict(
    AdaptiveWingLoss=Row(lambda: (maps(), maps()), weights=(2, 3)),
    AssociativeEmbeddingLoss=Row(lambda: (maps(), tag_cells())),
    BCELoss=Row(lambda: (uniform(2, 3), uniform(2, 3)), weights=(2, 3)),
    BoneLoss=Row(lambda: (points(3), points(3)), CHAIN, weights=(2, 2)),
    CombinedTargetMSELoss=Row(lambda: (maps(9), maps(9)), weights=(2, 3)),
    FeaLoss=Row(
        lambda: (maps(), maps()),
        dict(name='fea', use_this=True, student_channels=3, teacher_channels=3),
        factors=('alpha_fea',),
    ),
    FocalHeatmapLoss=Row(lambda: (maps(), peaks()), weights=(2, 3)),
    InfoNCELoss=Row(lambda: (uniform(4, 3, low=-1),)),
    IoULoss=Row(lambda: (boxes(), boxes())),
    JSDiscretLoss=Row(lambda: (distributions()[0], distributions()[0]), UNWEIGHTED, weights=(2, 3)),
    KDLoss=Row(
        lambda: (simcc(), simcc(), 1.0, None),
        dict(name='kd', use_this=True),
        factors=('weight',),
    ),
    KLDiscretLoss=Row(
        lambda: (simcc(), distributions()), dict(label_softmax=True, **UNWEIGHTED), weights=(2, 3)
    ),
    KeypointMSELoss=Row(lambda: (maps(), maps()), weights=(2, 3)),
    KeypointOHKMMSELoss=Row(lambda: (maps(), maps()), dict(topk=2), weights=(2, 3)),
    L1Loss=Row(lambda: (points(), points()), weights=(2, 3)),
    MLECCLoss=Row(lambda: (distributions(), distributions()), weights=(2, 3)),
    MPJPELoss=Row(lambda: (points(3), points(3)), weights=(2, 3)),
    MPJPEVelocityJointLoss=Row(
        lambda: (uniform(2, 4, 3, 3), uniform(2, 4, 3, 3)), weights=(2, 4, 3)
    ),
    MSELoss=Row(lambda: (points(), points()), weights=(2, 3)),
    OKSLoss=Row(lambda: (points(), points())),
    RLELoss=Row(lambda: (points(), points(), points()), weights=(2, 3)),
    SemiSupervisionLoss=Row(
        lambda: (lifted(), seen()),
        CHAIN,
        factors=('projection_loss_weight', 'bone_loss_weight'),
    ),
    SmoothL1Loss=Row(lambda: (points(), points()), weights=(2, 3)),
    SoftWeightSmoothL1Loss=Row(lambda: (points(), points()), weights=(2, 3)),
    SoftWingLoss=Row(lambda: (points(), points()), weights=(2, 3)),
    VariFocalLoss=Row(lambda: (uniform(2, 3, low=-1), uniform(2, 3)), weights=(2, 3)),
    WingLoss=Row(lambda: (points(), points()), weights=(2, 3)),
)
WRAPPERS = ['CombinedLoss', 'MultipleLossWrapper']
WEIGHTED = [name for name, row in ROWS.items() if row.weights]
EVERY = pytest.mark.parametrize('name', ROWS)


def build(name, **config):
    torch.manual_seed(0)
    return MODELS.build({'type': name, **ROWS[name].config, **config}).double()


def weighted(name):
    return name in WEIGHTED and name not in ('KeypointMSELoss', 'FocalHeatmapLoss')


def map_floats(function, values):
    if isinstance(values, torch.Tensor):
        return function(values) if values.is_floating_point() else values
    if isinstance(values, dict):
        return {key: map_floats(function, value) for key, value in values.items()}
    if isinstance(values, (list, tuple)):
        return type(values)(map_floats(function, value) for value in values)
    return values


def leaves(values):
    found = []
    map_floats(found.append, values)
    return found


def inputs(name):
    torch.manual_seed(1)
    return list(ROWS[name].inputs())


def total(losses):
    return sum(loss.sum() for loss in leaves(losses))


def value_and_gradients(loss, args, autocast=False):
    args = map_floats(lambda x: x.detach().clone().requires_grad_(), args)
    with torch.autocast('cpu', torch.bfloat16, enabled=autocast):
        value = total(loss(*args))
    return value, torch.autograd.grad(value, leaves(args[0]), allow_unused=True)


def test_every_loss_has_a_row():
    assert sorted([*ROWS, *WRAPPERS]) == sorted(mmpose.models.losses.__all__)
    registered = [
        name
        for name, cls in MODELS.module_dict.items()
        if isinstance(cls, type) and cls.__module__.startswith('mmpose.models.losses.')
    ]
    assert sorted(registered) == sorted(mmpose.models.losses.__all__)


@pytest.mark.parametrize('module', [classification_loss, heatmap_loss, regression_loss])
def test_public_modules_list_the_losses_that_stand_elsewhere(module):
    for name in module.__all__:
        assert getattr(module, name) is getattr(mmpose.models.losses, name)


@EVERY
def test_finite_with_a_gradient_for_every_prediction(name):
    value, gradients = value_and_gradients(build(name), inputs(name))
    assert value.isfinite()
    assert value != 0
    for gradient in gradients:
        assert gradient is not None
        assert gradient.isfinite().all()
        assert (gradient != 0).any()


@EVERY
def test_proportional_to_its_weight(name):
    factors = ROWS[name].factors
    once, thrice = (
        total(build(name, **dict.fromkeys(factors, factor))(*inputs(name))) for factor in (1, 3)
    )
    torch.testing.assert_close(thrice, 3 * once)


@EVERY
@pytest.mark.parametrize('dtype', [torch.bfloat16, torch.float16])
def test_half_precision_inputs_are_computed_in_single(name, dtype):
    loss, args = build(name).float(), map_floats(lambda x: x.to(dtype), inputs(name))
    half = total(loss(*args))
    assert half.dtype == torch.float32
    torch.testing.assert_close(half, total(loss(*map_floats(torch.Tensor.float, args))))


@EVERY
def test_autocast_changes_nothing(name):
    loss, args = build(name).float(), map_floats(torch.Tensor.float, inputs(name))
    plain = value_and_gradients(loss, args)
    torch.testing.assert_close(value_and_gradients(loss, args, autocast=True), plain)


@pytest.mark.parametrize('name', WEIGHTED)
def test_weights(name):
    shape = ROWS[name].weights
    config = dict(use_target_weight=True) if weighted(name) else {}
    loss, args = build(name, **config), inputs(name)

    ones = total(loss(*args, torch.ones(shape)))
    torch.testing.assert_close(ones, total(build(name)(*args)))

    value, gradients = value_and_gradients(loss, [*args, torch.zeros(shape)])
    assert value == 0
    assert all((gradient == 0).all() for gradient in gradients)


@pytest.mark.parametrize('name', [*filter(weighted, WEIGHTED)])
def test_missing_weights(name):
    message = f'{name} has use_target_weight=True but was given no weights; pass them, or set'
    with pytest.raises(ValueError, match=message):
        build(name, use_target_weight=True)(*inputs(name))


@pytest.mark.parametrize('name', WEIGHTED)
def test_weights_of_another_shape(name):
    config = dict(use_target_weight=True) if weighted(name) else {}
    with pytest.raises(ValueError, match=r'The weights are \(2, 7\); for values of \(2, '):
        build(name, **config)(*inputs(name), torch.ones(2, 7))


@pytest.mark.parametrize(
    'name', sorted(set(ROWS) - {'AssociativeEmbeddingLoss', 'InfoNCELoss', 'SemiSupervisionLoss'})
)
def test_target_of_another_shape(name):
    prediction, target, *others = inputs(name)
    # BoneLoss compares sets of any size, so its poses get another dimension
    other = target[..., :2] if name == 'BoneLoss' else map_floats(lambda x: x[:1], target)
    with pytest.raises(ValueError, match=r'is \([24],.* and the \w+ \([12],') as error:
        build(name)(prediction, other, *others)
    assert ';' in str(error.value)  # what is wrong; how to mend it


@pytest.mark.parametrize('name', sorted(set(ROWS) - {'InfoNCELoss', 'AssociativeEmbeddingLoss'}))
def test_prediction_equal_to_target_has_a_finite_gradient(name):
    prediction, *others = inputs(name)
    if name == 'SemiSupervisionLoss':
        prediction['unlabeled_pose'] = prediction['labeled_pose'] * 0
    elif name == 'RLELoss':
        others[-1] = prediction
    else:
        others[0] = prediction
    value, gradients = value_and_gradients(build(name), [prediction, *others])
    assert value.isfinite()
    assert all(gradient.isfinite().all() for gradient in gradients)


@pytest.mark.parametrize('name', sorted(set(ROWS) - {'AssociativeEmbeddingLoss'}))
def test_no_instance_gives_zero(name):
    nothing = map_floats(lambda x: x[:0], inputs(name))
    value, gradients = value_and_gradients(build(name), nothing)
    assert value == 0
    assert all(gradient is not None for gradient in gradients)


# at random points, away from the kinks
@pytest.mark.parametrize('name', sorted(set(ROWS) - {'SemiSupervisionLoss'}))
def test_gradcheck(name):
    loss = build(name)
    prediction, *others = inputs(name)
    several = isinstance(prediction, tuple)
    axes = prediction if several else (prediction,)

    def value(*axes):
        return total(loss(axes if several else axes[0], *others))

    assert torch.autograd.gradcheck(value, [axis.clone().requires_grad_() for axis in axes])
