"""Human3.6M and MPI-INF-3DHP: what the data sets of 3D poses read from converted sources."""

import pickle
import sys
import tarfile

import numpy as np
import pytest
from scipy.io import savemat

from mmpose.datasets.converters import ConversionError, MissingPackageError, convert, h36m
from mmpose.datasets.converters.h36m_cameras import world_to_camera
from mmpose.datasets.converters.mpi_inf_3dhp import fit_pinhole, read_calibration
from mmpose.registry import DATASETS
from mmpose.utils.camera import SimpleCamera

H36M_CAMERAS = ('54138969', '55011271')
PLACES = dict(zip(H36M_CAMERAS, ([1000, 2000, 3000], [0, 0, -500]), strict=True))  # mm
ROOT = np.array([100.0, 200, 4000])  # of every pose in the world, mm


# --------------------------------------------------------------------- Human3.6M


def metadata(angle=np.pi / 2):
    """The first camera is not turned, the second by the angle about the third axis."""
    extrinsics = np.zeros((4, 11, 6))
    extrinsics[1, :, 2] = angle
    extrinsics[0, :, 3:], extrinsics[1, :, 3:] = PLACES.values()
    intrinsics = np.tile([1145, 1144, 512, 515, -0.2, 0.25, -0.003, -0.0014, -0.001], 4)
    numbers = ' '.join(str(value) for value in [*extrinsics.ravel(), *intrinsics])
    return f'<metadata><w0>[{numbers}]</w0></metadata>'


def poses_of(camera, num_frames, num_axes):
    """(1, T, 32 D): keypoint j is j pixels or mm to the right of the first, frames are equal."""
    if num_axes == 2:
        first = np.array([400.0, 300])
    else:
        shifted = ROOT - PLACES[camera]
        # a quarter of a turn about z takes (x, y) to (-y, x)
        first = shifted if camera == H36M_CAMERAS[0] else shifted[[1, 0, 2]] * [-1, 1, 1]
    pose = np.tile(first, (32, 1))
    pose[:, 0] += np.arange(32)
    return np.tile(pose.ravel(), (1, num_frames, 1))


@pytest.fixture
def h36m_source(tmp_path, monkeypatch, text, video):
    source = tmp_path / 'h36m'
    text(source / 'metadata.xml', metadata())
    for subject, action in (('S1', 'TakingPhoto 1'), ('S9', 'Directions'), ('S11', 'Directions')):
        for camera in H36M_CAMERAS:
            for kind in ('D2_Positions', 'D3_Positions_mono'):
                text(source / subject / 'MyPoseFeatures' / kind / f'{action}.{camera}.cdf', '')
            (source / subject / 'Videos').mkdir(exist_ok=True)
            video(source / subject / 'Videos' / f'{action}.{camera}.mp4')

    def read_cdf(path):
        num_axes = 2 if path.parent.name == 'D2_Positions' else 3
        return poses_of(path.stem.split('.')[-1], 7, num_axes)

    monkeypatch.setattr(h36m, 'read_cdf', read_cdf)
    monkeypatch.setitem(sys.modules, 'cdflib', sys)  # as if it were installed
    return source


def test_h36m(h36m_source, tmp_path):
    out = tmp_path / 'out'
    result = convert('h36m', h36m_source, out)
    assert 'fps50/h36m_train.npz: 14 frames of 2 videos' in result.text
    assert 'fps10/h36m_test.npz: 4 frames of 2 videos' in result.text  # S11 Directions is not there
    dataset = DATASETS.build(
        dict(
            type='Human36mDataset',
            data_root=str(out),
            ann_file='annotation_body3d/fps10/h36m_train.npz',
            camera_param_file='annotation_body3d/cameras.pkl',
            data_prefix=dict(img='images/'),
        )
    )
    item = dataset.get_data_info(1)
    assert item['target_img_path'] == [
        str(out / 'images/S1/S1_Photo_1.54138969/S1_Photo_1.54138969_000006.jpg')
    ]
    raw = np.array([0, 1, 2, 3, 6, 7, 8, 12, 13, 14, 15, 17, 18, 19, 25, 26, 27])
    np.testing.assert_allclose(item['keypoints'][0, :, 0], 400 + raw)
    # metres from the camera at (1, 2, 3)
    np.testing.assert_allclose(item['keypoints_3d'][0, 4], [-0.894, -1.8, 1.0], atol=1e-6)
    np.testing.assert_allclose(item['center'], [[413.5, 300]])
    np.testing.assert_allclose(item['scale'], 1.2 * 27 / 200, rtol=1e-6)
    camera = item['camera_param']
    assert (camera['w'], camera['h'], camera['id'], camera['name']) == (
        1000,
        1002,
        '54138969',
        'camera1',
    )
    assert camera['k'].tolist() == [[-0.2], [0.25], [-0.003]]
    assert camera['p'].tolist() == [[-0.0014], [-0.001]]
    assert item['target_img_path'][0].endswith('.jpg')
    pictures = sorted(path.name for path in (out / 'images/S1/S1_Photo_1.55011271').iterdir())
    assert pictures == [f'S1_Photo_1.55011271_00000{number}.jpg' for number in (1, 6)]
    cameras = pickle.loads((out / 'annotation_body3d/cameras.pkl').read_bytes())
    assert len(cameras) == 44
    world = SimpleCamera(cameras['S5', '55011271']).camera_to_world(np.array([[-0.2, 0.1, 4.5]]))
    np.testing.assert_allclose(world, [ROOT / 1000])


def test_h36m_archives_are_unpacked_once(h36m_source, tmp_path):
    archives = tmp_path / 'archives/s1'
    archives.mkdir(parents=True)
    with tarfile.open(archives / 'Poses.tgz', 'w:gz') as archive:
        archive.add(h36m_source / 'S1', 'S1')
    arguments = dict(metadata=str(h36m_source / 'metadata.xml'), poses_only=True)
    result = convert('h36m', archives.parent, tmp_path / 'out', **arguments)
    assert 'h36m_train.npz: 14 frames' in result.text
    assert 'h36m_test' not in result.text
    assert not (tmp_path / 'out/images').exists()
    poses = tmp_path / 'extracted/S1/MyPoseFeatures/D2_Positions'
    assert len(list(poses.iterdir())) == 2
    (archives / 'Poses.tgz').write_bytes(b'changed')
    convert('h36m', archives.parent, tmp_path / 'out', **arguments)
    (archives / 'Videos.tgz').write_bytes(b'no archive')
    with pytest.raises(
        ConversionError, match=r"Videos\.tgz' cannot be unpacked: .* Fetch it again"
    ):
        convert('h36m', archives.parent, tmp_path / 'out', **arguments)


def test_h36m_errors(h36m_source, tmp_path, text, monkeypatch):
    out = tmp_path / 'out'
    with pytest.raises(ConversionError, match='sample_rate is 3; expected a divisor of 50'):
        convert('h36m', h36m_source, out, sample_rate=3)
    with pytest.raises(FileNotFoundError, match=r'has no poses of S1, S5, .*D3_Positions_mono'):
        convert('h36m', h36m_source / 'S1', out, metadata=str(h36m_source / 'metadata.xml'))
    text(h36m_source / 'metadata.xml', metadata(angle=0.5))
    with pytest.raises(ConversionError, match=r'see S1_Photo_1\.55011271 0\.\d\d m apart'):
        convert('h36m', h36m_source, out, poses_only=True)
    text(h36m_source / 'metadata.xml', '<metadata><w0>[1 2]</w0></metadata>')
    with pytest.raises(ConversionError, match=r'has 2 numbers in <w0>; expected 300: rotation'):
        convert('h36m', h36m_source, out)
    with pytest.raises(
        FileNotFoundError, match=r"no file 'm\.xml'; give metadata\.xml of the code"
    ):
        convert('h36m', h36m_source, out, metadata='m.xml')
    text(h36m_source / 'metadata.xml', metadata())
    monkeypatch.setattr(h36m, 'read_cdf', lambda path: np.zeros((1, 7, 51)))
    with pytest.raises(
        ConversionError, match=r'Pose of the shape \(1, 7, 51\); expected \(1, T, 6'
    ):
        convert('h36m', h36m_source, out)
    monkeypatch.undo()
    monkeypatch.setitem(sys.modules, 'cdflib', None)
    with pytest.raises(
        MissingPackageError, match=r'reading \.cdf files needs cdflib.*pip install c'
    ):
        convert('h36m', h36m_source, out)


def test_h36m_lengths_of_2d_and_3d(h36m_source, tmp_path, monkeypatch):
    def read_cdf(path):
        return np.zeros((1, 7, 64) if path.parent.name == 'D2_Positions' else (1, 6, 96))

    monkeypatch.setattr(h36m, 'read_cdf', read_cdf)
    with pytest.raises(ConversionError, match='has 7 2D poses and 6 3D poses of TakingPhoto 1'):
        convert('h36m', h36m_source, tmp_path / 'out')


def test_h36m_cdf_file(tmp_path):
    cdfwrite = pytest.importorskip('cdflib.cdfwrite', reason='reads a real CDF file')
    file = cdfwrite.CDF(str(tmp_path / 'a.cdf'))
    spec = dict(Variable='Pose', Data_Type=45, Num_Elements=1, Rec_Vary=True, Dim_Sizes=[3, 64])
    file.write_var(spec, var_data=np.arange(3 * 64.0).reshape(1, 3, 64))
    file.close()
    poses = h36m.read_poses(tmp_path / 'a.cdf', 2)
    assert poses.shape == (3, 17, 2)
    assert poses[1, 4].tolist() == [64 + 12, 64 + 13]
    (tmp_path / 'b.cdf').write_bytes(b'no CDF')
    with pytest.raises(ConversionError, match=r"b\.cdf' cannot be read"):
        h36m.read_cdf(tmp_path / 'b.cdf')
    with pytest.raises(
        FileNotFoundError, match='fetch Poses_D2_Positions and Poses_D3_Positions_m'
    ):
        h36m.read_cdf(tmp_path / 'c.cdf')


def test_world_to_camera():
    # z first: x goes to y; then x: y goes to z
    rotation = world_to_camera(np.pi / 2, 0, np.pi / 2)
    np.testing.assert_allclose(rotation @ [1, 0, 0], [0, 0, 1], atol=1e-15)
    # a small turn about y moves z to x
    np.testing.assert_allclose(
        world_to_camera(0, 0.1, 0) @ [0, 0, 1], [np.sin(0.1), 0, np.cos(0.1)]
    )


# ------------------------------------------------------------------ MPI-INF-3DHP


def calibration(num_cameras=14):
    """Each camera is turned a quarter about z and stands at world (0.3, 0.2, -1) metres."""
    lines = ['Skeletool Camera Calibration File V1.0']
    for number in range(num_cameras):
        lines += [
            f'name          {number}',
            '  sensor      10 10',
            '  size        2048 2048',
            '  intrinsic   1500 0 1024 0 0 1400 1020 0 0 0 1 0 0 0 0 1',
            # camera = (-y + 200, x - 300, z + 1000), millimetres
            '  extrinsic   0 -1 0 200 1 0 0 -300 0 0 1 1000 0 0 0 1',
        ]
    return '\n'.join(lines)


def cells(num_frames, num_axes):
    """(14, 1) cells (T, 28 D); keypoint j of frame t is at (100 t + j, 10, 1000)."""
    pose = np.zeros((num_frames, 28, 3))
    pose[..., 0] = 100 * np.arange(num_frames)[:, None] + np.arange(28)
    pose[..., 1:] = 10, 1000
    content = np.empty((14, 1), dtype=object)
    for camera in range(14):
        content[camera, 0] = pose[..., :num_axes].reshape(num_frames, -1)
    return content


@pytest.fixture
def mpi(tmp_path, text, video):
    folder = tmp_path / 'mpi/S3/Seq2'
    text(folder / 'camera.calibration', calibration())
    savemat(folder / 'annot.mat', dict(annot2=cells(4, 2), annot3=cells(4, 3)))
    (folder / 'imageSequence').mkdir()
    for camera in (0, 1, 2, 4, 5, 6, 7, 8):
        video(folder / f'imageSequence/video_{camera}.avi', num_frames=3)
    return tmp_path / 'mpi'


def mocap(out, part, ann_file):
    return DATASETS.build(
        dict(
            type='BaseMocapDataset',
            data_root=str(out),
            ann_file=ann_file,
            camera_param_file=f'cameras_{part}.pkl',
            data_prefix=dict(img='images'),
            metainfo=dict(from_file='configs/_base_/datasets/mpi_inf_3dhp.py'),
        )
    )


def test_mpi_inf_3dhp_train(mpi, tmp_path):
    out = tmp_path / 'out'
    result = convert('mpi_inf_3dhp', mpi, out, sample_rate=2)
    assert 'mpi_inf_3dhp_train.npz: 16 frames of 8 videos' in result.text
    assert 'lacks' not in result.text  # the fourth frame is not taken
    item = mocap(out, 'train', 'mpi_inf_3dhp_train.npz').get_data_info(1)
    assert item['target_img_path'] == [str(out / 'images/S3_Seq2_Cam0_000003.jpg')]
    # top of the head, neck, right shoulder, ..., pelvis, spine, head
    raw = [7, 5, 14, 15, 16, 9, 10, 11, 23, 24, 25, 18, 19, 20, 4, 3, 6]
    np.testing.assert_allclose(item['keypoints'][0, :, 0], 200 + np.array(raw))
    np.testing.assert_allclose(item['keypoints_3d'][0, 0], [0.207, 0.01, 1])
    assert item['keypoints_visible'].tolist() == [[1] * 17]
    assert (out / 'images/S3_Seq2_Cam8_000003.jpg').exists()
    camera = SimpleCamera(item['camera_param'])
    # world (0.3, 0.2, -1) is the camera itself; one metre along x of the world is y of the camera
    X = np.array([[0.3, 0.2, -1], [1.3, 0.2, 0]])
    np.testing.assert_allclose(camera.world_to_camera(X), [[0, 0, 0], [0, 1, 1]], atol=1e-6)
    np.testing.assert_allclose(camera.camera_to_pixel(np.array([[1.0, 1, 2]])), [[1774, 1720]])
    assert item['camera_param']['name'] == 'train_cam_0'


def test_mpi_inf_3dhp_tells_missing_frames(mpi, tmp_path):
    result = convert('mpi_inf_3dhp', mpi, tmp_path / 'out')
    assert 'video_0.avi: it lacks 1 labelled frames' in result.text


def test_mpi_inf_3dhp_test(tmp_path, text, monkeypatch, picture):
    from contextlib import nullcontext

    from mmpose.datasets.converters import mpi_inf_3dhp

    source, out = tmp_path / 'mpi', tmp_path / 'out'
    text(source / 'mpi_inf_3dhp_test_set/TS5/annot_data.mat', '')
    for frame in (1, 2):
        picture(source / f'mpi_inf_3dhp_test_set/TS5/imageSequence/img_{frame:06d}.jpg')
    generator = np.random.default_rng(0)
    poses = generator.uniform([-500, -400, 2000], [500, 400, 3000], (2, 1, 17, 3))
    points = poses[..., :2] / poses[..., 2:] * [1683, 1672] + [940, 560]
    points[0, 0, 3] = -5, 20
    content = dict(annot2=points, annot3=poses, valid_frame=np.array([[0.0, 1]]))
    monkeypatch.setattr(mpi_inf_3dhp, 'open_hdf5', lambda *_: nullcontext(content))
    result = convert('mpi_inf_3dhp', source, out)
    assert 'test_all.npz: 2 frames of 1 videos' in result.text
    assert 'test_valid.npz: 1 frames of 1 videos' in result.text
    item = mocap(out, 'test', 'mpi_inf_3dhp_test_all.npz').get_data_info(0)
    assert item['target_img_path'] == [str(out / 'images/TS5_000001.jpg')]
    assert item['keypoints_visible'][0].tolist() == [1, 1, 1, 0] + [1] * 13
    valid = mocap(out, 'test', 'mpi_inf_3dhp_test_valid.npz').get_data_info(0)
    camera = valid['camera_param']
    assert valid['target_img_path'] == [str(out / 'images/TS5_000002.jpg')]
    np.testing.assert_allclose(camera['f'], [[1683], [1672]])
    np.testing.assert_allclose(camera['c'], [[940], [560]])
    assert (camera['w'], camera['h'], camera['name']) == (1920, 1080, 'test_cam_5')
    content['annot2'] = points[:, :, :5]
    with pytest.raises(ConversionError, match=r'2 frames, annot2 of the shape \(2, 1, 5, 2\)'):
        convert('mpi_inf_3dhp', source, out)
    content.update(annot2=points, valid_frame=np.zeros(2))
    with pytest.raises(ConversionError, match='has no valid frame'):
        convert('mpi_inf_3dhp', source, out)


def test_mpi_inf_3dhp_errors(mpi, tmp_path, text):
    out = tmp_path / 'out'
    with pytest.raises(ConversionError, match='sample_rate is 0; expected 1 or more'):
        convert('mpi_inf_3dhp', mpi, out, sample_rate=0)
    with pytest.raises(FileNotFoundError, match=r'is not MPI-INF-3DHP: looked for S1/Seq1/annot'):
        convert('mpi_inf_3dhp', mpi / 'S3/Seq2/imageSequence', out)
    path = mpi / 'S3/Seq2/camera.calibration'
    text(path, calibration().replace(' 200 1 0', ' 1 0', 1))
    with pytest.raises(
        ConversionError, match=r"calibration', line 6: the camera that ends here can"
    ):
        convert('mpi_inf_3dhp', mpi, out)
    text(path, calibration(3))
    with pytest.raises(ConversionError, match=r'camera\.calibration has no camera 4'):
        convert('mpi_inf_3dhp', mpi, out, poses_only=True)
    path.unlink()
    with pytest.raises(FileNotFoundError, match=r"calibration' with the cameras"):
        read_calibration(path)
    text(path, calibration())
    savemat(mpi / 'S3/Seq2/annot.mat', dict(annot2=cells(4, 2)[:3], annot3=cells(4, 3)))
    with pytest.raises(ConversionError, match='annot2 cannot be used: it has 3 cameras; expected'):
        convert('mpi_inf_3dhp', mpi, out)
    savemat(mpi / 'S3/Seq2/annot.mat', dict(annot2=cells(5, 2), annot3=cells(4, 3)))
    with pytest.raises(ConversionError, match='5 frames in annot2 and 4 in annot3 for camera 0'):
        convert('mpi_inf_3dhp', mpi, out)
    savemat(mpi / 'S3/Seq2/annot.mat', dict(annot2=cells(4, 3), annot3=cells(4, 3)))
    with pytest.raises(ConversionError, match=r'annot2 cannot be used: .*with 56 numbers for each'):
        convert('mpi_inf_3dhp', mpi, out)


def test_fit_pinhole():
    poses = np.array([[[0, 0, 2.0], [2, 2, 2]]])
    f, c = fit_pinhole(np.array([[[100, 50.0], [110, 70]]]), poses)
    np.testing.assert_allclose([f, c], [[10, 20], [100, 50]])
