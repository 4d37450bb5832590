"""What tests of several data sets share."""

import json

import numpy as np
import pytest


@pytest.fixture
def write_json(tmp_path):
    """Writes a JSON file into `tmp_path` and returns its name."""

    def write(content, name):
        (tmp_path / name).write_text(json.dumps(content))
        return name

    return write


@pytest.fixture
def write_coco(tmp_path, write_json):
    """Writes annotations of three images, ids 1 to 3, and returns the arguments to read them."""

    def write(annotations, width=200, height=100, images=None):
        if images is None:
            sizes = dict(width=width, height=height)
            images = [dict(id=i, file_name=f'{i}.jpg', **sizes) for i in (1, 2, 3)]
        content = dict(images=images, annotations=annotations)
        return dict(ann_file=write_json(content, 'ann.json'), data_root=str(tmp_path))

    return write


@pytest.fixture
def coco_labels(write_coco):
    """Writes annotations and returns the arguments to read them.

    What an annotation leaves out is filled in: ids count from 1, and there is one box, in image 1.
    """

    def write(*annotations, images=None):
        common = dict(image_id=1, category_id=1, iscrowd=0, bbox=[10, 20, 30, 40])
        filled = [{**common, 'id': i, **ann} for i, ann in enumerate(annotations, 1)]
        return write_coco(filled, width=100, height=80, images=images)

    return write


@pytest.fixture
def mocap_labels(tmp_path):
    """Writes labels of frames in videos and returns the arguments to read them.

    Keypoint k of frame i is at (i, k) pixels and (i / 10, k / 10, 4) metres.
    """

    def write(names, K=17, **changes):
        i, k = np.indices((len(names), K))
        arrays = dict(
            imgname=np.array(names),
            part=np.stack((i, k, i >= 0), axis=-1).astype(float),
            S=np.stack((i / 10, k / 10, i * 0 + 4, i >= 0), axis=-1),
            center=i[:, :2] + 0.5,
            scale=i[:, 0] + 1.0,
        )
        arrays.update(changes)
        np.savez(tmp_path / 'labels.npz', **{key: a for key, a in arrays.items() if a is not None})
        return dict(ann_file='labels.npz', data_root=str(tmp_path))

    return write
