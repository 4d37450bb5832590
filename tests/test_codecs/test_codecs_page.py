"""The examples, tables and pictures of docs/codecs.md."""

import re

import numpy as np
import pytest

from mmpose import codecs
from mmpose.codecs import (
    SPR,
    AssociativeEmbedding,
    DecoupledHeatmap,
    Hand3DHeatmap,
    MegviiHeatmap,
    MSRAHeatmap,
    RegressionLabel,
    SimCCLabel,
    UDPHeatmap,
)
from mmpose.datasets.transforms import GenerateTarget, PackPoseInputs, TopdownAffine
from mmpose.registry import KEYPOINT_CODECS, MODELS, TRANSFORMS

MAPS = dict(input_size=(192, 256), heatmap_size=(48, 64))
CODECS = set(codecs.__all__) - {'BaseKeypointCodec'}


@pytest.fixture(scope='module')
def page(docs_page):
    return docs_page('codecs.md')


def rows(page, *columns):
    """The rows of all tables that have these columns."""
    return [row for table in page.tables() for row in table if set(columns) <= set(row)]


def places(margin, size=(192, 256), step=0.3):
    """Keypoints (1, K, 2) all over the input, some pixels from its border."""
    x = np.arange(margin, size[0] - 1 - margin, step, dtype=np.float32)
    y = margin + x * 7.3 % (size[1] - 1 - 2 * margin)
    return np.stack([x, y], axis=-1)[None].astype(np.float32)


def error(codec, keypoints, *names):
    """The greatest error along an axis of what is decoded from the targets."""
    targets = codec.encode(keypoints)
    return np.abs(codec.decode(*(targets[name] for name in names))[0] - keypoints).max()


def test_session(page):
    (session,) = page.blocks('pycon')
    page.run_session(session)


def test_configs(page):
    scope = {}
    exec(page.blocks('python')[0], scope)
    for cfg in scope['train_pipeline']:
        TRANSFORMS.build(cfg)
    MODELS.build(scope['head'])


def test_own_codec(page, monkeypatch):
    scope = {}
    code = page.blocks('python')[1].replace('@KEYPOINT_CODECS.register_module()\n', '')
    exec(code, scope)
    monkeypatch.setitem(KEYPOINT_CODECS._module_dict, 'CentredLabel', scope['CentredLabel'])
    config = dict(type='CentredLabel', input_size=(192, 256))
    codec = KEYPOINT_CODECS.build(config)
    assert codec.support_batch_decoding
    assert not codec.support_tensor_decoding

    keypoints = np.float32([[[96, 128], [0, 256], [np.nan, 3], [200, 30]]])
    sample = dict(
        img=np.zeros((256, 192, 3), np.uint8),
        keypoints=keypoints,
        keypoints_visible=np.ones((1, 4), np.float32),
    )
    packed = PackPoseInputs(meta_keys=())(GenerateTarget(config)(sample))
    labels = packed['data_samples'].gt_instance_labels
    assert labels.keypoint_weights.tolist() == [[1, 1, 0, 0]]
    assert labels.keypoint_labels[0, :2].tolist() == [[0, 0], [-1, 1]]
    decoded, scores = codec.batch_decode(labels.keypoint_labels[None])
    np.testing.assert_allclose(decoded[0, 0, [0, 1, 3]], keypoints[0, [0, 1, 3]], atol=1e-4)
    assert scores.shape == (1, 1, 4)


@pytest.mark.parametrize('column', ['targets', 'heads', '`batch_decode`'])
def test_every_codec_has_its_rows(page, column):
    named = {name for row in rows(page, column) for name in re.findall(r'\w+', row['codec'])}
    assert named >= CODECS


def test_what_decodes_batches_and_tensors(page):
    for row in rows(page, '`batch_decode`', '`decode_tensors`'):
        codec = example(row['codec'].strip('`'))
        assert (row['`batch_decode`'] == 'yes') == codec.support_batch_decoding
        assert (row['`decode_tensors`'] == 'yes') == codec.support_tensor_decoding


def example(name):
    """A codec of this type."""
    needed = dict.fromkeys(('UDPHeatmap', 'AssociativeEmbedding', 'SPR'), MAPS)
    needed |= {name: dict(MAPS, sigma=2) for name in ('MSRAHeatmap', 'IntegralRegressionLabel')}
    needed |= {name: dict(input_size=(192, 256)) for name in ('SimCCLabel', 'RegressionLabel')}
    needed |= dict(MegviiHeatmap=dict(MAPS, kernel_size=11), DecoupledHeatmap=MAPS)
    lifting = ('ImagePoseLifting', 'VideoPoseLifting', 'MotionBERTLabel')
    needed |= {name: dict(num_keypoints=17) for name in lifting}
    return getattr(codecs, name)(**needed.get(name, {}))


@pytest.mark.parametrize(
    ('codec', 'names', 'allowed'),
    [
        (MSRAHeatmap(**MAPS, sigma=2), ['heatmaps'], 2),
        (MSRAHeatmap(**MAPS, sigma=2, unbiased=True), ['heatmaps'], 0.01),
        (MegviiHeatmap(**MAPS, kernel_size=15), ['heatmaps'], 2),
        (SimCCLabel((192, 256)), ['keypoint_x_labels', 'keypoint_y_labels'], 0.25),
        (RegressionLabel((192, 256)), ['keypoint_labels'], 1e-4),
        (example('IntegralRegressionLabel'), ['keypoint_labels'], 1e-4),
    ],
    ids=['msra', 'unbiased', 'megvii', 'simcc', 'regression', 'integral'],
)
def test_own_targets(codec, names, allowed):
    measured = error(codec, places(margin=32), *names)
    assert measured <= allowed + 1e-4
    assert measured > 0.9 * allowed or allowed <= 0.01


@pytest.mark.parametrize('use_udp', [True, False])
@pytest.mark.parametrize(
    ('heatmap_type', 'margin'), [('gaussian', 32), ('combined', 0)], ids=['gaussian', 'combined']
)
def test_udp_is_exact_in_the_picture(use_udp, heatmap_type, margin):
    size, center, scale = np.array([192, 256]), np.float32([300, 250]), np.float32([192, 256])
    keypoints = places(margin) + center - scale / 2
    sample = dict(
        img=np.zeros((480, 640, 3), np.uint8),
        bbox_center=center[None],
        bbox_scale=scale[None],
        keypoints=keypoints,
    )
    codec = UDPHeatmap(**MAPS, heatmap_type=heatmap_type)
    sample = TopdownAffine(size, use_udp=use_udp)(sample)
    decoded, _ = codec.decode(codec.encode(sample['transformed_keypoints'])['heatmaps'])
    in_picture = decoded / size * sample['input_scale'] + center - sample['input_scale'] / 2
    if use_udp:
        np.testing.assert_allclose(in_picture, keypoints, atol=0.01)
    else:
        np.testing.assert_allclose((in_picture - keypoints).mean(axis=(0, 1)), 0.5, atol=0.05)


@pytest.mark.parametrize(
    ('codec', 'cells'),
    [
        (MSRAHeatmap(**MAPS, sigma=2, unbiased=True), 1),
        (UDPHeatmap(**MAPS), 1.3),  # one, and the pixel that the way to the picture takes back
        (MegviiHeatmap(**MAPS, kernel_size=11), 2),
    ],
    ids=['unbiased', 'udp', 'megvii'],
)
def test_border(codec, cells):
    assert 0.5 < error(codec, places(margin=0), 'heatmaps') / 4 <= cells


def test_gaussians_at_exact_positions():
    keypoints = places(margin=32)
    heatmaps = MSRAHeatmap(**MAPS, sigma=2, unbiased=True).encode(keypoints)['heatmaps']
    found, _ = MSRAHeatmap(**MAPS, sigma=2).decode(heatmaps)
    assert 0.9 < np.abs(found - keypoints).max() <= 1
    vectors = (
        np.exp(-((np.arange(bins) - 2 * keypoints[..., axis, None]) ** 2) / 72)
        for axis, bins in enumerate((384, 512))
    )
    found, _ = SimCCLabel((192, 256), use_dark=True).decode(*vectors)
    np.testing.assert_allclose(found, keypoints, atol=0.01)


def test_own_targets_of_whole_pictures():
    maps = dict(input_size=(512, 384), heatmap_size=(128, 96))
    random = np.random.RandomState(0)
    people = [[40, 60], [210, 60], [370, 60]] + random.rand(17, 3, 2) * [100, 260]
    people = people.swapaxes(0, 1).astype(np.float32)

    single = people[:1]
    for use_udp, allowed in ((False, 2), (True, 0.01)):
        codec = AssociativeEmbedding(
            **maps, sigma=2, use_udp=use_udp, decode_keypoint_order=range(17)
        )
        heatmaps = codec.encode(single)['heatmaps']
        found, _, _ = codec.decode((heatmaps, np.zeros_like(heatmaps)))
        assert np.abs(found - single).max() <= allowed

    codec = SPR(**maps)
    targets = codec.encode(people)
    found, _ = codec.decode(targets['heatmaps'], targets['displacements'])
    assert_same_people(found, people, atol=1e-3)

    codec = DecoupledHeatmap(**maps)
    heatmaps = codec.encode(people)['instance_heatmaps'].reshape(3, 17, 96, 128)
    assert_same_people(codec.decode(heatmaps, np.ones(3))[0], people, atol=2)


def assert_same_people(found, people, atol):
    def ordered(keypoints):
        return keypoints[keypoints[:, :, 0].mean(axis=1).argsort()]

    np.testing.assert_allclose(ordered(found), ordered(people), atol=atol)


def test_own_targets_of_hands():
    codec = Hand3DHeatmap()
    pixels = places(margin=32, size=(256, 256), step=5)
    depth = np.linspace(-150, 150, pixels.shape[1], dtype=np.float32)[None, :, None]
    keypoints = np.concatenate([pixels, depth], axis=-1)
    heatmaps = codec.encode(keypoints)['heatmaps'].reshape(-1, 64, 64, 64)
    found, *_ = codec.decode(heatmaps, np.zeros(1), np.zeros((1, 2)))
    assert (np.abs(found - keypoints).max(axis=(0, 1)) <= [2, 2, 3.125 + 1e-4]).all()


@pytest.mark.parametrize('name', ['ImagePoseLifting', 'VideoPoseLifting'])
def test_own_targets_of_lifting(name):
    codec = example(name)
    poses = np.random.RandomState(0).randn(5, 17, 3).astype(np.float32)
    keywords = dict(camera_param=dict(w=1000, h=1000)) if name == 'VideoPoseLifting' else {}
    targets = codec.encode(np.ones((5, 17, 2)), lifting_target=poses, **keywords)
    decoded, _ = codec.decode(targets['lifting_target_label'], targets['target_root'])
    np.testing.assert_allclose(decoded, poses, atol=1e-5)


def test_own_targets_of_motionbert():
    poses = np.random.RandomState(0).randn(5, 17, 3).astype(np.float32) * 0.3 + [0, 0, 4]
    camera = dict(w=1000, h=1002, f=np.full(2, 1145.0), c=np.full(2, 512.0))
    train, test = (
        codecs.MotionBERTLabel(17, mode=mode).encode(
            np.ones((5, 17, 2)), lifting_target=poses, camera_param=camera
        )
        for mode in ('train', 'test')
    )
    decoded, _ = example('MotionBERTLabel').decode(
        train['lifting_target_label'], w=np.array([1000]), factor=train['factor']
    )
    np.testing.assert_allclose(decoded, test['lifting_target'], atol=1e-5)


def test_outside_and_hidden():
    points = np.float32([[[-9, 50], [-60, 50], [50, 50], [50, 50]]])
    visible = np.float32([[1, 1, 0.3, 0]])

    def weights(codec):
        return codec.encode(points, visible)['keypoint_weights'].round(1).tolist()

    near = [[1, 0, pytest.approx(0.3), 0]]
    for name in ('MSRAHeatmap', 'UDPHeatmap', 'SimCCLabel', 'AssociativeEmbedding'):
        assert weights(example(name)) == near, name
    outside = [[0, 0, pytest.approx(0.3), 0]]
    assert weights(example('MegviiHeatmap')) == outside
    assert weights(SimCCLabel((192, 256), smoothing_type='standard')) == outside
    assert weights(UDPHeatmap(**MAPS, heatmap_type='combined')) == [[1, 1, pytest.approx(0.3), 0]]
    for name in ('RegressionLabel', 'IntegralRegressionLabel'):
        assert weights(example(name)) == [[0, 0, 0, 0]]


def test_nan_reaches_no_target():
    points = np.float32([[[50, 60], [np.nan, 30], [70, np.inf], [90, 100]]])
    names = ['MSRAHeatmap', 'UDPHeatmap', 'MegviiHeatmap', 'SimCCLabel', 'RegressionLabel']
    names += ['IntegralRegressionLabel', 'AssociativeEmbedding', 'SPR', 'DecoupledHeatmap']
    for name in names:
        for target, values in example(name).encode(points).items():
            assert np.isfinite(values).all(), (name, target)


def test_sizes_of_the_outputs(page):
    numbers = [row['numbers to predict'] for row in rows(page, 'numbers to predict')]
    assert numbers == [
        f'{17 * 2}, or {17 * 4} with deviations (RLE)',
        f'{17 * (384 + 512):,}',
        f'{17 * 48 * 64:,}',
        f'{3 * 17 * 48 * 64:,}',
    ]


def test_pictures_are_there_and_small(page):
    names = re.findall(r'!\[.*?\]\((.*?)\)', page.text)
    assert len(names) == 4
    for name in names:
        assert (page.path.parent / name).stat().st_size < 200_000
