import numpy as np
import pytest

from mmpose.datasets.datasets import H36MWholeBodyDataset

K = 133


def view(n, start):
    """Labels of n frames: keypoint k of frame i is at (start + i, k), and 4000 mm away."""
    i, k = np.indices((n, K))
    pose_2d = np.stack((start + i, k), axis=-1).astype(float)
    return dict(
        pose_2d=pose_2d,
        camera_3d=np.concatenate((pose_2d, np.full((n, K, 1), 4000.0)), axis=-1),
        sample_id=0,
    )


@pytest.fixture
def content():
    """Two actions of actor 5 in two cameras, one of actor 8."""
    train_data = dict(
        S5={
            # the order of the items is that of the cameras, not that of the file
            'Waiting 1': {
                'frame_id': np.array([3, 7]),
                '60457274': view(2, 20),
                '54138969': view(2, 10),
                'global_3d': np.zeros((2, K, 3)),
            },
            'Eating': {'frame_id': np.array([2190]), '55011271': view(1, 30)},
        },
        S8={'Eating': {'frame_id': np.array([5]), '58860488': view(1, 40)}},
    )
    camera = dict(
        K=np.array([[[1.1, 0, 0.5], [0, 1.2, 0.6], [0, 0, 1]]]),
        R=np.eye(3)[None],
        T=np.array([[[1.0, 2, 3]]]),
        Distortion=np.arange(5.0)[None],
    )
    names = ('54138969', '55011271', '58860488', '60457274')
    metadata = {actor: dict.fromkeys(names, camera) for actor in ('S5', 'S8')}
    bbox = {
        (actor, action, name, frame): dict(x_min=1, y_min=2, x_max=30 + frame, y_max=40)
        for actor, actions in train_data.items()
        for action, views in actions.items()
        for name in names
        for frame in views['frame_id'].tolist()
    }
    return dict(train_data=train_data, metadata=metadata, bbox=bbox)


@pytest.fixture
def write(tmp_path):
    def write_file(content):
        np.savez(
            tmp_path / 'h3wb.npz', **{k: np.array(v, dtype=object) for k, v in content.items()}
        )
        return dict(ann_file='h3wb.npz', data_root=str(tmp_path))

    return write_file


def test_items_of_training(write, content, tmp_path):
    dataset = H36MWholeBodyDataset(**write(content), data_prefix=dict(img='img'))
    assert [item['keypoints'][0, 0, 0] for item in dataset] == [10, 11, 20, 21, 30]
    item = dataset[3]
    path = str(tmp_path / 'img' / 'S5/Images/Waiting 1.60457274/frame_0007.jpg')
    assert (item['img_path'], item['img_paths'], item['id']) == (path, [path], 3)
    assert dataset[4]['img_path'].endswith('S5/Images/Eating.55011271/frame_2190.jpg')
    expected = dict(
        bbox=[[1, 2, 37, 40]],
        bbox_score=[1],
        center=[[0, 0]],
        scale=[[0]],
        factor=[[0]],
        keypoints_visible=np.ones((1, K)),
        keypoints_3d_visible=np.ones((1, K)),
        lifting_target_visible=np.ones((1, K)),
    )
    for key, value in expected.items():
        np.testing.assert_array_equal(item[key], np.array(value, np.float32), strict=True)
    assert item['keypoints'][0, 9].tolist() == [21, 9]
    assert item['lifting_target'][0, 9].tolist() == pytest.approx([0.021, 0.009, 4])  # metres
    assert 'target_img_path' not in item


def test_testing_reads_other_actors(write, content):
    dataset = H36MWholeBodyDataset(**write(content), test_mode=True)
    assert [item['keypoints'][0, 0].tolist() for item in dataset] == [[40, 0]]
    del content['train_data']['S8']
    with pytest.raises(
        ValueError, match=r"has the actors \['S5'\], but test_mode=True reads \('S7', 'S8'\)"
    ):
        H36MWholeBodyDataset(**write(content), test_mode=True)


def test_cameras_of_the_file(write, content):
    dataset = H36MWholeBodyDataset(**write(content))
    camera = dataset[2]['camera_param']
    assert (camera['w'], camera['h']) == (1000, 1002)
    assert (dataset[4]['camera_param']['w'], dataset[4]['camera_param']['h']) == (1000, 1000)
    shapes = {key: np.shape(camera[key]) for key in ('K', 'R', 'T', 'Distortion')}
    assert shapes == dict(K=(2, 3), R=(3, 3), T=(3, 1), Distortion=(5,))
    np.testing.assert_allclose(camera['f'], [1100, 1200])
    np.testing.assert_allclose(camera['c'], [500, 600])
    del content['metadata']['S5']
    with pytest.raises(ValueError, match=r"h3wb.npz' has no camera \('S5', '54138969'\)"):
        H36MWholeBodyDataset(**write(content))


def test_sequences(write, content):
    dataset = H36MWholeBodyDataset(**write(content), seq_len=2)
    assert [item['keypoints'][:, 0, 0].tolist() for item in dataset] == [[10, 11], [20, 21]]
    assert dataset[0]['lifting_target'][0, 0, 0] == pytest.approx(0.011)
    assert dataset[0]['bbox'].tolist() == [[1, 2, 37, 40]]
    several = H36MWholeBodyDataset(**write(content), multiple_target=2)[1]
    assert several['factor'].tolist() == [[0], [0]]
    assert several['lifting_target'].shape == (2, K, 3)


def test_boxes_may_be_absent(write, content):
    del content['bbox']
    item = H36MWholeBodyDataset(**write(content), data_mode='bottomup')[0]
    assert 'bbox' not in item
    assert (item['id'], len(item['img_path'])) == ([0], 1)


def test_a_layout_that_is_another(write, content):
    del content['metadata']['S5']['54138969']['K']
    with pytest.raises(ValueError, match=r"not laid out as H3WB: KeyError\('K'\).*`Distortion`"):
        H36MWholeBodyDataset(**write(content))
    action = content['train_data']['S5']['Eating']
    action['55011271']['pose_2d'] = np.zeros((1, 17, 2))
    with pytest.raises(ValueError, match=r'is not laid out as H3WB: .*reshape.*`pose_2d`'):
        H36MWholeBodyDataset(**write(content))
    del action['frame_id']
    with pytest.raises(ValueError, match=r"is not laid out as H3WB: KeyError\('frame_id'\)"):
        H36MWholeBodyDataset(**write(content))
    with pytest.raises(ValueError, match=r"lacks \['train_data'\]; it has \['bbox', 'metadata'\]"):
        H36MWholeBodyDataset(**write({k: content[k] for k in ('bbox', 'metadata')}))
