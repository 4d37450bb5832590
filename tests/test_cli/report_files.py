"""Results for the tests of ``mmpose report``: two pictures, three people, three predictions."""

import json
import pickle
from pathlib import Path

import cv2
import numpy as np

from mmpose.structures.metainfo import parse_pose_metainfo

COCO = 'configs/_base_/datasets/coco.py'
NAMES = list(parse_pose_metainfo(dict(from_file=COCO))['keypoint_id2name'].values())
LEFT_ANKLE, RIGHT_ANKLE, NOSE = 15, 16, 0
GREY = 128


def person(x, y):
    """(17, 2) keypoints in a field of 40 x 90 pixels: left ones 40 right of right ones."""
    rows = np.array([0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8])
    sides = np.array([0, *[20, -20] * 8])
    return np.stack([x + 20.0 + sides, y + 10.0 + 10 * rows], axis=1)


def annotation(i, image_id, points, unlabelled=()):
    flags = np.full(len(points), 2)
    flags[list(unlabelled)] = 0
    low, size = points.min(axis=0), np.ptp(points, axis=0)
    return dict(
        id=i,
        image_id=image_id,
        category_id=1,
        keypoints=np.column_stack([points, flags]).ravel().tolist(),
        bbox=[*low.tolist(), *size.tolist()],
        area=3000.0,
        iscrowd=0,
    )


def data_set():
    """Two people beside each other in image 1, one in image 2."""
    return dict(
        images=[dict(id=i, file_name=f'{i}.png', width=200, height=120) for i in (1, 2)],
        annotations=[
            annotation(1, 1, person(10, 10)),
            annotation(2, 1, person(120, 10), unlabelled=[NOSE]),
            annotation(3, 2, person(50, 10)),
        ],
        categories=[dict(id=1, name='person', keypoints=NAMES)],
    )


def predictions():
    """The first person with its ankles confused, the second in place, a third on nothing.

    The person in image 2 is missed.
    """
    confused = person(10, 10)
    confused[[LEFT_ANKLE, RIGHT_ANKLE]] = confused[[RIGHT_ANKLE, LEFT_ANKLE]]
    poses = [(1, confused, 0.9), (1, person(120, 10), 0.8), (2, person(50, 10) / 20, 0.4)]
    return [
        dict(
            image_id=image_id,
            category_id=1,
            keypoints=np.column_stack([points, np.full(17, score)]).ravel().tolist(),
            score=score,
        )
        for image_id, points, score in poses
    ]


def data_samples(**changes):
    """The predictions as ``mmpose test --dump`` writes them; boxes are sure."""
    annotations = data_set()['annotations']
    return [
        dict(
            id=i,
            img_id=entry['image_id'],
            img_path=f'pictures/{entry["image_id"]}.png',
            category_id=1,
            ori_shape=(120, 200),
            dataset_name='coco',
            raw_ann_info=annotations[i],
            gt_instances=dict(bbox_scales=np.array([[40.0, 90.0]])),
            pred_instances=dict(
                keypoints=np.reshape(entry['keypoints'], (1, 17, 3))[..., :2],
                keypoint_scores=np.reshape(entry['keypoints'], (1, 17, 3))[..., 2],
                bbox_scores=np.ones(1),
            ),
            **changes,
        )
        for i, entry in enumerate(predictions())
    ]


def dump(path, value):
    if path.endswith('.json'):
        Path(path).write_text(json.dumps(value))
    else:
        Path(path).write_bytes(pickle.dumps(value, protocol=2))


def write_files(folder):
    """Make ``r.json``, ``ann.json`` and ``pictures`` in a folder."""
    dump(f'{folder}/r.json', predictions())
    dump(f'{folder}/ann.json', data_set())
    Path(folder, 'pictures').mkdir()
    for i in (1, 2):
        cv2.imwrite(f'{folder}/pictures/{i}.png', np.full((120, 200, 3), GREY, np.uint8))
