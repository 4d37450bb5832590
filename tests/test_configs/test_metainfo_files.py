"""Every keypoint definition in ``configs/_base_/datasets`` is read and has its known size."""

import warnings

import pytest
from mmengine.config import Config

from mmpose.registry import DATASETS
from mmpose.structures.metainfo import parse_pose_metainfo
from mmpose.utils.resources import resource_path

FOLDER = 'configs/_base_/datasets'
# keypoints, links, keypoints with another one as mirror image, sum of the OKS sigmas
DEFINITIONS = {
    '300vw': (68, 0, 58, 0),
    '300w': (68, 0, 58, 0),
    '300wlp': (68, 0, 0, 0),
    'aflw': (19, 0, 16, 0),
    'aic': (14, 14, 12, 0.301),
    'ak': (23, 22, 16, 0.575),
    'animalpose': (20, 20, 16, 1.578),
    'ap10k': (17, 17, 14, 1.138),
    'atrw': (15, 14, 12, 0.718),
    'campus': (14, 14, 12, 1.044),
    'coco': (17, 19, 16, 1.138),
    'coco_aic': (19, 20, 16, 1.190),
    'coco_openpose': (18, 17, 16, 1.220),
    'coco_wholebody': (133, 65, 122, 3.861),
    'coco_wholebody_face': (68, 0, 58, 1.137),
    'coco_wholebody_hand': (21, 20, 0, 0.553),
    'coco_wholebody_openpose': (134, 57, 122, 3.887),
    'cofw': (29, 0, 22, 0),
    'crowdpose': (14, 15, 12, 1.150),
    'deepfashion2': (294, 304, 261, 0),
    'deepfashion_full': (8, 0, 8, 0),
    'deepfashion_lower': (4, 0, 4, 0),
    'deepfashion_upper': (6, 0, 6, 0),
    'exlpose': (14, 13, 12, 1.150),
    'fly': (32, 25, 28, 0),
    'freihand2d': (21, 20, 0, 0),
    'h36m': (17, 16, 12, 0),
    'h3wb': (133, 65, 122, 3.861),
    'halpe': (136, 67, 122, 3.562),
    'halpe26': (26, 27, 22, 1.730),
    'horse10': (22, 18, 0, 0),
    'humanart': (17, 19, 16, 1.138),
    'humanart21': (21, 23, 20, 1.494),
    'humanart_aic': (19, 20, 16, 1.190),
    'interhand2d': (21, 20, 0, 0),
    'interhand3d': (42, 40, 42, 0),
    'jhmdb': (15, 14, 12, 1.149),
    'lapa': (106, 0, 96, 0),
    'locust': (35, 26, 30, 0),
    'macaque': (17, 19, 16, 1.138),
    'mhp': (16, 15, 12, 1.288),
    'mpi_inf_3dhp': (17, 16, 12, 0),
    'mpii': (16, 15, 12, 1.288),
    'mpii_trb': (40, 27, 38, 0),
    'ochuman': (17, 19, 16, 1.138),
    'onehand10k': (21, 20, 0, 0),
    'panoptic_body3d': (19, 14, 16, 1.271),
    'panoptic_hand2d': (21, 20, 0, 0),
    'posetrack18': (17, 16, 14, 1.138),
    'rhd2d': (21, 20, 0, 0),
    'shelf': (14, 14, 12, 1.044),
    'ubody2d': (133, 65, 122, 3.861),
    'ubody3d': (137, 61, 122, 0),
    'wflw': (98, 0, 88, 0),
    'zebra': (9, 8, 4, 0),
}
# published with faults that leave them usable, which the parser warns of
FAULTY = {
    'coco_aic': 'joint_weights has 18 numbers for 19 keypoints',
    'humanart_aic': 'joint_weights has 18 numbers for 19 keypoints',
    'deepfashion2': "'vest_kpt9' swaps with 'vest_kpt13', but 'vest_kpt13' with itself",
}


def parse(name):
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        return parse_pose_metainfo(dict(from_file=f'{FOLDER}/{name}.py'))


def names(name):
    return list(parse(name)['keypoint_name2id'])


@pytest.mark.parametrize('name', DEFINITIONS)
def test_definition(name):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always')
        parsed = parse_pose_metainfo(dict(from_file=f'{FOLDER}/{name}.py'))
    num_keypoints, num_links, num_mirrored, sigmas = DEFINITIONS[name]
    assert parsed['num_keypoints'] == num_keypoints
    assert parsed['num_skeleton_links'] == num_links
    assert len(parsed['flip_pairs']) == num_mirrored
    assert parsed['sigmas'].sum() == pytest.approx(sigmas, abs=6e-4)
    assert len(parsed['sigmas']) == (num_keypoints if sigmas else 0)
    assert len(parsed['dataset_keypoint_weights']) == num_keypoints
    assert len(caught) == (name in FAULTY)
    assert all(FAULTY[name] in str(warning.message) for warning in caught)


@pytest.mark.parametrize('name', DEFINITIONS)
def test_file_holds_the_definition_alone_and_cites_its_paper(name):
    config = Config.fromfile(resource_path(f'{FOLDER}/{name}.py')).to_dict()
    assert list(config) == ['dataset_info']
    papers = config['dataset_info']['paper_info']
    for paper in papers if isinstance(papers, list) else [papers]:
        assert paper['author']
        assert paper['title']
        assert 2000 < int(paper['year']) < 2030
        assert paper['homepage'].startswith('http')


def test_table_lists_every_file():
    files = {path.stem for path in resource_path(FOLDER).glob('*.py')}
    assert files == set(DEFINITIONS)


def test_every_data_set_names_a_listed_definition():
    DATASETS.import_from_location()
    definitions = [getattr(cls, 'METAINFO', {}) for cls in DATASETS.module_dict.values()]
    named = {definition['from_file'] for definition in definitions if 'from_file' in definition}
    assert named
    assert named <= {f'{FOLDER}/{name}.py' for name in DEFINITIONS}


@pytest.mark.parametrize('name', DEFINITIONS)
def test_mirror_of_a_left_keypoint_is_its_right_one(name):
    keypoints = names(name)
    for mirror, i in parse(name)['flip_pairs']:
        if 'left' in keypoints[i]:
            assert keypoints[mirror] == keypoints[i].replace('left', 'right')


def test_inherited_keypoints_stand_where_their_base_has_them():
    coco = names('coco')
    for name in ('coco_wholebody', 'halpe', 'humanart21', 'coco_aic'):
        assert names(name)[:17] == coco
    assert names('posetrack18')[1:3] == ['head_bottom', 'head_top']
    assert names('posetrack18')[:1] + names('posetrack18')[3:] == coco[:1] + coco[3:]
    assert names('halpe26') == names('halpe')[:26]
    assert names('coco_openpose') == names('coco_wholebody_openpose')[:18]
    assert names('halpe')[26:] == names('coco_wholebody')[23:]
    assert names('coco_wholebody_openpose')[18:] == names('coco_wholebody')[17:]


def test_face_and_hands_of_the_whole_body():
    parsed = parse('coco_wholebody')
    ids, links = parsed['keypoint_name2id'], parsed['skeleton_links']
    assert (ids['face-0'], ids['left_hand_root'], ids['right_hand_root']) == (23, 91, 112)
    assert ids['right_pinky_finger4'] == 132
    face = [mirror - 23 for mirror in parsed['flip_indices'][23:91]]
    assert (face[0], face[8], face[36], face[37], face[48]) == (16, 8, 45, 44, 54)
    assert [parsed['flip_indices'][i] for i in (91, 99, 111)] == [112, 120, 132]
    assert links[25:30] == [(91, 92), (92, 93), (93, 94), (94, 95), (91, 96)]
    # the fingers of Halpe start at the wrist, whose root of the hand is joined to nothing
    halpe = parse('halpe')
    assert halpe['skeleton_links'][27:29] == [(9, 95), (95, 96)]
    assert halpe['skeleton_links'][47] == (10, 116)


def test_whole_body_in_three_dimensions():
    parsed = parse('ubody3d')
    linked = {i for link in parsed['skeleton_links'] for i in link}
    ids = parsed['keypoint_name2id']
    assert (ids['L_Thumb_1'], ids['R_Thumb_1'], ids['Face_1'], ids['Face_72']) == (25, 45, 65, 136)
    assert parsed['flip_indices'][ids['Face_56']] == ids['Face_72']
    assert ids['L_Ring_1'] in linked
    assert ids['R_Ring_1'] not in linked  # as published
