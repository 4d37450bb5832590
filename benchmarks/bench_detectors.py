"""Times what detectors do outside their network, in units (see ``unit.py``), per picture.

The letterbox makes the input of 640x640 from a picture of 1280x720. The choice of boxes starts from
the outputs of a network in which a share of the cells sees something.
"""

from __future__ import annotations

import torch
from unit import measure, picture, print_table

from mmpose.apis.detectors.letterbox import Letterbox
from mmpose.apis.detectors.protocol import as_detections
from mmpose.models.detectors import RTMDetSepBNHead

BATCH = 4
SIDES = (80, 40, 20)
CHOICE = dict(nms_pre=30000, score_thr=0.001, nms=dict(iou_threshold=0.65), max_per_img=300)


def fixed_head(num_classes: int, share: float) -> RTMDetSepBNHead:
    """A head without layers: ``share`` of the scores of its cells exceed the threshold."""
    generator = torch.Generator().manual_seed(0)
    head = RTMDetSepBNHead(num_classes, 8, 1, 8, with_objectness=False, test_cfg=CHOICE).eval()
    logits, distances = [], []
    for side in SIDES:
        high = torch.rand(BATCH, num_classes, side, side, generator=generator) < share
        random = torch.randn(BATCH, num_classes, side, side, generator=generator)
        logits.append(torch.where(high, random - 2, -20.0))
        distances.append(1 + 3 * torch.rand(BATCH, 4, side, side, generator=generator))
    head.forward = lambda feats: (logits, distances)
    return head


def main() -> None:
    """Print a row for each step."""
    torch.set_num_threads(1)
    letterbox = Letterbox((640, 640))
    images = [picture(1280, 720)] * BATCH
    feats = [torch.zeros(BATCH, 8, side, side) for side in SIDES]
    scales = torch.ones(BATCH, 2)
    few, many = fixed_head(1, 0.05), fixed_head(80, 0.02)
    boxes = picture(4, 300)[..., 0].astype('float32').cumsum(axis=1)
    steps = {
        'letterbox 1280x720 to 640x640': (lambda: letterbox(images), BATCH),
        'choice among 8400 cells, 1 class': (lambda: few.predict(feats, (640, 640), scales), BATCH),
        'choice among 8400 cells, 80 classes': (
            lambda: many.predict(feats, (640, 640), scales),
            BATCH,
        ),
        'check of 300 boxes of a function': (lambda: as_detections(boxes), 1),
    }
    print_table((name, measure(step, 20, calls), None) for name, (step, calls) in steps.items())


if __name__ == '__main__':
    main()
