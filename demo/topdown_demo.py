"""Predict the pose in each box of a picture, a folder of pictures or a video.

python demo/topdown_demo.py DET_CONFIG DET_CHECKPOINT POSE_CONFIG POSE_CHECKPOINT \
    --input people.jpg --output-root results

The detector is what `det_model` and `det_weights` of the inferencers can be; without its two, the
usual one of the pose model is loaded. --bboxes 40 30 200 380 220 50 350 370 gives boxes instead,
and --bboxes annotations.json those of a COCO annotation file.
"""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections import defaultdict
from pathlib import Path

import _options
import numpy as np

from mmpose.apis import Pose2DInferencer
from mmpose.apis.inferencers.utils.pictures import Pictures
from mmpose.structures.bbox import bbox_xywh2xyxy


def parse_args(args: list[str] | None = None) -> Namespace:
    """The options of the command line."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument(
        'models', nargs='+', metavar='CONFIG CHECKPOINT', help='detector, if any, and pose model'
    )
    parser.add_argument(
        '--bboxes', nargs='+', default=[], help='left top right bottom ..., or a COCO file'
    )
    _options.add_stream_options(parser)
    _options.add_model_options(parser)
    _options.add_detector_options(parser)
    _options.add_2d_drawing_options(parser)
    parser.add_argument('--show-kpt-idx', action='store_true', help='write keypoint indices')
    parser.add_argument('--alpha', type=float, default=0.8, help='opacity of keypoints and links')
    parsed = _options.parse(parser, args)
    if len(parsed.models) not in (2, 4):
        parser.error('give the config and the checkpoint of the pose model')
    if len(parsed.bboxes) > 1 and len(parsed.bboxes) % 4:
        parser.error(f'--bboxes has {len(parsed.bboxes)} numbers; give four for each box')
    if len(parsed.bboxes) == 1 and parsed.input.startswith('webcam'):
        parser.error('--bboxes is a file, which has no boxes for the frames of a camera')
    return parsed


def read_boxes(values: list[str], inputs: str) -> np.ndarray | list[np.ndarray]:
    """(N, 4) xyxy boxes for every picture, or a list of such for each.

    Args:
        values: Four numbers per box, or the path of a COCO annotation file; may be empty.
        inputs: The pictures, which are looked up in that file by their names.
    """
    if not values:
        return []
    if len(values) > 1:
        return np.array(values, dtype=np.float32).reshape(-1, 4)
    coco = json.loads(Path(values[0]).read_text(encoding='utf-8'))
    file_names = {image['id']: Path(image['file_name']).name for image in coco['images']}
    by_file = defaultdict(list)
    for annotation in coco['annotations']:
        by_file[file_names[annotation['image_id']]].append(annotation['bbox'])
    boxes = [np.array(by_file[p.name], dtype=np.float32) for p in Pictures(inputs)]
    return [bbox_xywh2xyxy(one.reshape(-1, 4)) for one in boxes]


def main(args: Namespace) -> None:
    """Predict, draw and write."""
    *detector, config, checkpoint = args.models
    inferencer = Pose2DInferencer(
        config,
        checkpoint,
        device=args.device,
        det_model=_options.detector_of(detector, args),
        trust_checkpoint=args.trust_checkpoint,
    )
    _options.expect_mode(inferencer, 'topdown', 'bottomup_demo.py')
    inferencer.visualizer.alpha = args.alpha
    if args.show_kpt_idx:
        _options.show_kpt_idx(inferencer)
    results = inferencer.stream(
        args.input,
        bboxes=read_boxes(args.bboxes, args.input),
        bbox_thr=args.bbox_thr,
        nms_thr=args.nms_thr,
        draw_heatmap=args.draw_heatmap,
        skeleton_style=args.skeleton_style,
        **_options.stream_options(args),
    )
    _options.report(results)


if __name__ == '__main__':
    main(parse_args())
