"""Tiny sources: pictures of one colour, and files written beside them."""

import json

import cv2
import numpy as np
import pytest


@pytest.fixture
def picture():
    """Writes a picture of a size (w, h); returns its path."""

    def write(path, size_wh=(64, 48), color=0):
        path.parent.mkdir(parents=True, exist_ok=True)
        width, height = size_wh
        cv2.imwrite(str(path), np.full((height, width, 3), color, dtype=np.uint8))
        return path

    return write


@pytest.fixture
def text():
    """Writes a text, or a value as JSON; returns its path."""

    def write(path, content):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    return write


@pytest.fixture
def video():
    """Writes a video whose frame i has the grey level 20 i; returns its path."""

    def write(path, num_frames=8, size_wh=(64, 48)):
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'mp4v'), 10, size_wh)
        for i in range(num_frames):
            writer.write(np.full((size_wh[1], size_wh[0], 3), 20 * i, dtype=np.uint8))
        writer.release()
        return path

    return write
