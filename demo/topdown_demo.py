"""Predict the pose in each box of a picture, a folder of pictures or a video.

python demo/topdown_demo.py POSE_CONFIG POSE_CHECKPOINT --input people.jpg \
    --bboxes 40 30 200 380 220 50 350 370 --output-root results

The boxes can also come from a COCO annotation file: --bboxes annotations.json. Command lines of
MMPose 1.x, which begin with the config and the checkpoint of a detector, are understood, but the
detectors of MMDetection are not supported, so that they need --bboxes too.
"""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import mmcv
import numpy as np

from mmpose.apis import inference_topdown, init_model
from mmpose.apis.inferencers.utils.pictures import Picture, Pictures
from mmpose.apis.inferencers.utils.result_writer import ResultWriter
from mmpose.structures import merge_data_samples, split_instances
from mmpose.structures.bbox import bbox_xywh2xyxy
from mmpose.visualization import PoseLocalVisualizer


def parse_args(args: list[str] | None = None) -> Namespace:
    """The options of the command line."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument(
        'models', nargs='+', metavar='CONFIG CHECKPOINT', help='of the pose model, 1.x style last'
    )
    parser.add_argument('--input', required=True, help='picture, folder of pictures, or video')
    parser.add_argument('--bboxes', nargs='+', help='left top right bottom ..., or a COCO file')
    parser.add_argument('--output-root', default='', help='folder for drawings and predictions')
    parser.add_argument('--save-predictions', action='store_true', help='write predictions too')
    parser.add_argument('--device', default='cuda:0', help='the CPU is used if CUDA is absent')
    parser.add_argument('--trust-checkpoint', action='store_true', help='let it run code')
    parser.add_argument('--det-cat-id', type=int, default=0, help='of a detector')
    parser.add_argument('--bbox-thr', type=float, default=0.3, help='of a detector')
    parser.add_argument('--nms-thr', type=float, default=0.3, help='of a detector')
    parser.add_argument('--kpt-thr', type=float, default=0.3, help='lowest score that is drawn')
    parser.add_argument('--draw-heatmap', action='store_true')
    parser.add_argument('--draw-bbox', action='store_true')
    parser.add_argument('--show-kpt-idx', action='store_true', help='write keypoint indices')
    parser.add_argument('--skeleton-style', default='mmpose', choices=['mmpose', 'openpose'])
    parser.add_argument('--radius', type=float, default=3, help='of keypoints, in pixels')
    parser.add_argument('--thickness', type=float, default=1, help='of links, in pixels')
    parser.add_argument('--alpha', type=float, default=0.8, help='opacity of keypoints and links')
    parser.add_argument('--show', action='store_true', help='show the drawings in a window')
    parser.add_argument('--show-interval', type=float, default=0, help='seconds of a window')
    parsed = parser.parse_args(args)
    if len(parsed.models) not in (2, 4):
        parser.error('give the config and the checkpoint of the pose model')
    if parsed.bboxes is None:
        parser.error(
            'give --bboxes; detectors are not supported yet'
            if len(parsed.models) == 2
            else f'the detector {parsed.models[0]} cannot be used: detectors come with MMDetection '
            'installed, which is not supported yet; give --bboxes instead'
        )
    return parsed


def read_boxes(values: list[str]) -> Callable[[Picture], np.ndarray]:
    """A function from a picture to its (N, 4) xyxy boxes.

    Args:
        values: Four numbers per box, for every picture, or the path of a COCO annotation file.
    """
    if len(values) != 1:
        boxes = np.array(values, dtype=np.float32).reshape(-1, 4)
        return lambda picture: boxes
    coco = json.loads(Path(values[0]).read_text(encoding='utf-8'))
    file_names = {image['id']: Path(image['file_name']).name for image in coco['images']}
    by_file = defaultdict(list)
    for annotation in coco['annotations']:
        by_file[file_names[annotation['image_id']]].append(annotation['bbox'])

    def boxes_of(picture: Picture) -> np.ndarray:
        boxes = np.array(by_file[Path(str(picture.source)).name], dtype=np.float32)
        return bbox_xywh2xyxy(boxes.reshape(-1, 4))

    return boxes_of


def main(args: Namespace) -> None:
    """Predict, draw and write."""
    config, checkpoint = args.models[-2:]
    options = {'model.test_cfg.output_heatmaps': args.draw_heatmap}
    model = init_model(config, checkpoint, args.device, options, args.trust_checkpoint)
    visualizer = PoseLocalVisualizer(
        radius=args.radius, line_width=args.thickness, alpha=args.alpha
    )
    visualizer.set_dataset_meta(model.dataset_meta, args.skeleton_style)
    boxes_of = read_boxes(args.bboxes)
    pred_dir = args.output_root if args.save_predictions else ''
    with ResultWriter(args.output_root, pred_dir) as writer:
        for picture in Pictures(args.input):
            samples = inference_topdown(model, picture.source, boxes_of(picture))
            sample = merge_data_samples(samples)
            drawing = visualizer.add_datasample(
                picture.name,
                mmcv.imread(picture.source)[..., ::-1],
                sample,
                draw_gt=False,
                draw_bbox=args.draw_bbox,
                draw_heatmap=args.draw_heatmap,
                kpt_thr=args.kpt_thr,
                show_kpt_idx=args.show_kpt_idx,
                skeleton_style=args.skeleton_style,
                show=args.show,
                wait_time=args.show_interval,
            )
            writer.write(picture, drawing, split_instances(sample.get('pred_instances')))
            print(f'{picture.name}: {len(samples)} instances')


if __name__ == '__main__':
    main(parse_args())
