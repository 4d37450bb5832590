"""What the scripts of this folder share: options, the detector, and what is printed."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, _ArgumentGroup
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from mmpose.apis import Pose2DInferencer
from mmpose.apis.detectors import build_detector
from mmpose.apis.inferencers.utils.pictures import VIDEO_SUFFIXES
from mmpose.results import PoseResult

_FRAME_SECONDS = 0.001  # a window shows a video without waiting for keys


def add_model_options(parser: ArgumentParser) -> None:
    """Declare how models are loaded."""
    parser.add_argument('--device', default='cuda:0', help='the CPU is used if CUDA is absent')
    parser.add_argument('--trust-checkpoint', action='store_true', help='let it run code')


def add_stream_options(parser: ArgumentParser) -> None:
    """Declare what is gone through, and where results go."""
    parser.add_argument(
        '--input', required=True, help="picture, folder of pictures, video, or 'webcam:0'"
    )
    parser.add_argument('--output-root', default='', help='folder for drawings and predictions')
    parser.add_argument('--save-predictions', action='store_true', help='write predictions too')
    parser.add_argument('--show-interval', type=float, default=0, help='seconds of a window')
    parser.add_argument('--draw-bbox', action='store_true', help='of models with boxes')


def add_detector_options(parser: ArgumentParser) -> None:
    """Declare which boxes of a detector count."""
    parser.add_argument('--det-cat-id', type=int, default=0, help='the class that is looked for')
    parser.add_argument('--bbox-thr', type=float, default=0.3, help='lowest score of a box')
    parser.add_argument('--nms-thr', type=float, default=0.3, help='largest overlap of two boxes')


def add_drawing_options(parser: ArgumentParser | _ArgumentGroup) -> None:
    """Declare how poses are drawn."""
    parser.add_argument('--kpt-thr', type=float, default=0.3, help='lowest score that is drawn')
    parser.add_argument('--radius', type=float, default=3, help='of keypoints, in pixels')
    parser.add_argument('--thickness', type=float, default=1, help='of links, in pixels')
    parser.add_argument('--show', action='store_true', help='show the drawings in a window')


def add_2d_drawing_options(parser: ArgumentParser | _ArgumentGroup) -> None:
    """Declare how poses are drawn that are not in space."""
    add_drawing_options(parser)
    parser.add_argument('--draw-heatmap', action='store_true')
    parser.add_argument('--skeleton-style', default='mmpose', choices=['mmpose', 'openpose'])


def parse(parser: ArgumentParser, args: list[str] | None) -> Namespace:
    """The options of a command line that writes results."""
    parsed = parser.parse_args(args)
    if parsed.save_predictions and not parsed.output_root:
        parser.error('--save-predictions writes nothing without --output-root FOLDER')
    return parsed


def stream_options(args: Namespace) -> dict[str, Any]:
    """The options of a call for what stands in :func:`add_stream_options` and drawings."""
    is_video = args.input.startswith('webcam') or Path(args.input).suffix.lower() in VIDEO_SUFFIXES
    return dict(
        draw_bbox=args.draw_bbox,
        kpt_thr=args.kpt_thr,
        radius=args.radius,
        thickness=args.thickness,
        show=args.show,
        wait_time=args.show_interval or (_FRAME_SECONDS if is_video else 0),
        vis_out_dir=args.output_root,
        pred_out_dir=args.output_root if args.save_predictions else '',
    )


def detector_of(models: Sequence[str], args: Namespace) -> Any:
    """The detector for an inferencer.

    Args:
        models: Its config and checkpoint; empty takes the usual one of the pose model.
        args: With ``bboxes``, beside which no detector is needed.
    """
    if len(args.bboxes):
        return 'whole_image'
    if not models:
        return None
    return build_detector(*models, cat_ids=[args.det_cat_id], device=args.device)


def expect_mode(inferencer: Pose2DInferencer, mode: str, other_script: str) -> None:
    """End the script if its model is of another mode, ``'topdown'`` or ``'bottomup'``."""
    found = inferencer.cfg.test_dataloader.dataset.get('data_mode', 'topdown')
    if found != mode:
        raise SystemExit(f'The model is a {found} model; demo/{other_script} runs it.')


def show_kpt_idx(inferencer: Pose2DInferencer) -> None:
    """Have the index of each keypoint written beside it."""
    visualizer = inferencer.visualizer
    visualizer.add_datasample = partial(visualizer.add_datasample, show_kpt_idx=True)


def report(results: Iterator[PoseResult]) -> None:
    """Go through results and print how many instances each has; Ctrl-C ends it."""
    try:
        for result in results:
            frame = '' if result.frame_index is None else f', frame {result.frame_index}'
            print(f'{Path(result.source).name}{frame}: {len(result)} instances')
    except KeyboardInterrupt:
        print('Interrupted; what is written until here is whole.')
    finally:
        results.close()
