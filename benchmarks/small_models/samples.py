"""Fixed samples to train small models on, as data sets pass them to their transforms."""

from __future__ import annotations

import numpy as np

from mmpose.datasets.synthetic import SyntheticPeople
from mmpose.structures.metainfo import parse_pose_metainfo

COCO = dict(from_file='configs/_base_/datasets/coco.py')
BATCH = 4  # samples of each kind
FRAMES = 9
HAND_KEYPOINTS = 4  # of each hand


def pictures() -> list[dict]:
    """Drawn pictures of 128x128 with two or three people each."""
    people = SyntheticPeople((128, 128), people=(2, 3), height=(80, 120))
    return [_sample(*people.draw(i), i) for i in range(BATCH)]


def persons() -> list[dict]:
    """Drawn pictures of 96x128 (w x h) with one person each."""
    people = SyntheticPeople((96, 128), people=(1, 1), height=(90, 120))
    return [_sample(*people.draw(i), i) for i in range(BATCH)]


def noise(metainfo: dict, instances: int, side: int = 128) -> list[dict]:
    """Noise with instances whose keypoints, nine of ten, are labelled at random in large boxes.

    Args:
        metainfo: Which keypoints there are, parsed.
        instances: How many instances are in a picture, N.
        side: Of the square pictures, pixels.
    """
    rng = np.random.RandomState(0)
    N, K = instances, metainfo['num_keypoints']
    found = []
    for i in range(BATCH):
        corners = rng.uniform((0.0, 0.6), (0.4, 1.0), (N, 2, 2)).swapaxes(1, 2) * side
        x1y1, x2y2 = corners[:, :1], corners[:, 1:]
        found.append(
            dict(
                metainfo,
                **_picture(rng.randint(0, 256, (side, side, 3), dtype=np.uint8), i),
                bbox=np.float32(corners.reshape(N, 4)),
                bbox_score=np.ones(N, np.float32),
                keypoints=np.float32(x1y1 + rng.uniform(size=(N, K, 2)) * (x2y2 - x1y1)),
                keypoints_visible=np.float32(rng.uniform(size=(N, K)) < 0.9),
                area=np.float32((x2y2 - x1y1).prod(-1)[:, 0] / 2),
                category_id=np.ones(N, dtype=np.int64),
                invalid_segs=[],
            )
        )
    return found


def hands(hand_keypoints: int = HAND_KEYPOINTS) -> list[dict]:
    """Noise with keypoints of two hands, in pixels and in millimetres of depth.

    Args:
        hand_keypoints: Number of keypoints of each hand.
    """
    rng = np.random.RandomState(0)
    K = 2 * hand_keypoints
    return [
        dict(
            _picture(rng.randint(0, 256, (64, 64, 3), dtype=np.uint8), i),
            bbox=np.float32([[8, 8, 56, 56]]),
            bbox_score=np.ones(1, np.float32),
            keypoints=np.float32(rng.uniform((10, 10, -150), (54, 54, 150), (1, K, 3))),
            keypoints_visible=np.ones((1, K), np.float32),
            rel_root_depth=np.float32(rng.uniform(-100, 100)),
            rel_root_valid=np.float32(1),
            hand_type=np.float32([[1, i % 2]]),
            hand_type_valid=np.float32([1]),
            dataset_keypoint_weights=np.ones(K, np.float32),
            focal=np.float32([1500, 1500]),
            principal_pt=np.float32([32, 32]),
            abs_depth=np.float32([900, 910]),
            rotation=0,
            flip_indices=[*range(hand_keypoints, K), *range(hand_keypoints)],
        )
        for i in range(BATCH)
    ]


def tracks(num_frames: int = FRAMES, num_targets: int = 1, count: int = BATCH) -> list[dict]:
    """Tracks of keypoints in pictures of 1000x1000 and poses in the space of the camera, metres.

    Args:
        num_frames: Length of the tracks.
        num_targets: How many frames have poses.
        count: Number of samples.
    """
    rng = np.random.RandomState(0)
    camera = dict(
        w=1000,
        h=1000,
        f=np.array([[1145.0], [1143.8]]),
        c=np.array([[512.5], [515.4]]),
        k=np.array([-0.2, 0.24, -0.002]),
        p=np.array([-0.0009, -0.0016]),
        K=np.array([[1145.0, 0, 512.5], [0, 1143.8, 515.4]]),
    )
    return [
        dict(
            id=i,
            category_id=1,
            keypoints=np.float32(rng.uniform(100, 900, (num_frames, 17, 2))),
            keypoints_visible=np.ones((num_frames, 17), np.float32),
            lifting_target=np.float32(rng.normal((0, 0, 4), 0.4, (num_targets, 17, 3))),
            lifting_target_visible=np.ones((num_targets, 17), np.float32),
            camera_param=camera,
            factor=np.full(num_frames, 2.4, np.float32),
            flip_indices=parse_pose_metainfo(COCO)['flip_indices'],
        )
        for i in range(count)
    ]


def partly_labelled_tracks() -> list[dict]:
    """:func:`tracks`, every other one without a pose."""
    samples = tracks()
    for sample in samples[::2]:
        del sample['lifting_target'], sample['lifting_target_visible']
    return samples


def _picture(img: np.ndarray, index: int) -> dict:
    shape = img.shape[:2]
    return dict(img=img, img_shape=shape, ori_shape=shape, id=index, img_id=index)


def _sample(img: np.ndarray, annotations: list[dict], index: int) -> dict:
    """What a data set of people makes of a picture and its COCO annotations."""
    N = len(annotations)
    boxes, keypoints, areas = (
        np.float32([annotation[key] for annotation in annotations])
        for key in ('bbox', 'keypoints', 'area')
    )
    keypoints = keypoints.reshape(N, 17, 3)
    boxes[:, 2:] += boxes[:, :2]
    return dict(
        parse_pose_metainfo(COCO),
        **_picture(img, index),
        bbox=boxes,
        bbox_score=np.ones(N, np.float32),
        keypoints=keypoints[..., :2].copy(),
        keypoints_visible=np.minimum(keypoints[..., 2], 1),
        area=areas,
        category_id=np.ones(N, dtype=np.int64),
        invalid_segs=[],
    )
