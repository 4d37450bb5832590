import pytest

from mmpose.utils.model_zoo import PublishedResult, ZooModel, find_zoo_model, papers_of, zoo_models


@pytest.fixture
def index(tmp_path):
    (tmp_path / 'configs/hands').mkdir(parents=True)
    (tmp_path / 'model-index.yml').write_text('Import: [configs/hands/metafile.yml]\n')
    (tmp_path / 'configs/papers.yml').write_text(
        'Papers: {HRNet: {Title: High, Venue: CVPR 2019, URL: "https://example.com"}}\n'
    )
    (tmp_path / 'configs/hands/metafile.yml').write_text(
        'Models:\n'
        '- Name: hrnet_hands\n'
        '  Config: configs/hand_2d_keypoint/hm/rhd/hrnet_hands.py\n'
        '  Alias: [hand, palm]\n'
        '  Metadata: {Architecture: [HRNet, Unheard], Training Data: RHD}\n'
        '  Results:\n'
        '  - {Task: Hand 2D Keypoint, Dataset: RHD, Setting: cut, Metrics: {AUC: 0.9}}\n'
        '  Weights: [https://example.com/hrnet_hands-0123abcd_20200101.pth]\n'
        '- {Name: plain, Config: configs/hands/plain.py}\n'
    )
    return tmp_path / 'model-index.yml'


def test_reading(index):
    model, plain = zoo_models(index)
    assert model == ZooModel(
        name='hrnet_hands',
        config='configs/hand_2d_keypoint/hm/rhd/hrnet_hands.py',
        root=index.parent,
        aliases=('hand', 'palm'),
        architecture=('HRNet', 'Unheard'),
        training_data=('RHD',),
        results=(PublishedResult('Hand 2D Keypoint', 'RHD', 'cut', {'AUC': 0.9}),),
        weights='https://example.com/hrnet_hands-0123abcd_20200101.pth',
    )
    assert model.family == 'hand_2d_keypoint/hm'
    assert model.path == index.parent / model.config
    assert model.names == ('hrnet_hands', 'hand', 'palm')
    assert model.checksum == '0123abcd'
    assert papers_of(model) == {
        'HRNet': {'Title': 'High', 'Venue': 'CVPR 2019', 'URL': 'https://example.com'}
    }
    assert (plain.aliases, plain.results, plain.weights, plain.checksum) == ((), (), None, None)


@pytest.mark.parametrize(
    ('file', 'digits'),
    [
        ('x-81c58e40_20220909.pth', '81c58e40'),
        ('x_42b7e6e6-20230207.pth', '42b7e6e6'),
        ('x-74fb594_20230320.pth', '74fb594'),
        ('rtmw-dw-x-l_simcc-cocktail14_270e-256x192-20231122.pth', None),
        ('edpose_res50_coco_3rdparty.pth', None),
    ],
)
def test_checksum(file, digits):
    model = ZooModel('x', 'configs/a/b/x.py', None, weights=f'https://example.com/{file}')
    assert model.checksum == digits


@pytest.mark.parametrize(
    'name', ['PALM', 'hrnet_hands', 'mmpose::hand_2d_keypoint/hm/rhd/hrnet_hands.py']
)
def test_finding(index, name):
    assert find_zoo_model(name, zoo_models(index)).name == 'hrnet_hands'


def test_a_miss_names_the_nearest(index):
    with pytest.raises(ValueError, match=r"'hnad' is neither .* Did you mean 'hand' or "):
        find_zoo_model('hnad', zoo_models(index))
    with pytest.raises(ValueError, match=r'the path of a config\. Paths end in \.py'):
        find_zoo_model('0000', zoo_models(index))


def test_no_index(tmp_path, monkeypatch):
    monkeypatch.setattr('mmpose.utils.model_zoo.INDEX', 'missing.yml')
    assert list(zoo_models()) == []
