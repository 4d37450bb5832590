"""Predict hands in space in a picture, a folder of pictures or a video.

python demo/hand3d_internet_demo.py CONFIG CHECKPOINT --input hands.jpg --output-root results

Each picture is one or two hands, as large as the picture, unless --bboxes or a detector says where
they are: DET_CONFIG DET_CHECKPOINT may stand before the config.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter

import _options
import numpy as np

from mmpose.apis import Hand3DInferencer


def parse_args(args: list[str] | None = None) -> Namespace:
    """The options of the command line."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument(
        'models', nargs='+', metavar='CONFIG CHECKPOINT', help='detector, if any, and hand model'
    )
    parser.add_argument('--bboxes', type=float, nargs='+', default=[], help='left top right bottom')
    _options.add_stream_options(parser)
    _options.add_model_options(parser)
    _options.add_detector_options(parser)
    _options.add_drawing_options(parser)
    parser.add_argument('--disable-rebase-keypoint', action='store_true', help='keep the height')
    parser.add_argument('--num-instances', type=int, default=1, help='panels; -1: all in one')
    parser.add_argument('--show-kpt-idx', action='store_true', help='write keypoint indices')
    parsed = _options.parse(parser, args)
    if len(parsed.models) not in (2, 4):
        parser.error('give the config and the checkpoint of the hand model')
    if len(parsed.bboxes) % 4:
        parser.error(f'--bboxes has {len(parsed.bboxes)} numbers; give four for each box')
    return parsed


def make_inferencer(args: Namespace) -> Hand3DInferencer:
    """The models, put together."""
    *detector, config, checkpoint = args.models
    inferencer = Hand3DInferencer(
        config,
        checkpoint,
        device=args.device,
        det_model=_options.detector_of(detector, args),
        trust_checkpoint=args.trust_checkpoint,
    )
    inferencer.drawing_options = dict(show_kpt_idx=args.show_kpt_idx)
    return inferencer


def main(args: Namespace) -> None:
    """Predict, draw and write."""
    results = make_inferencer(args).stream(
        args.input,
        bboxes=np.reshape(args.bboxes, (-1, 4)) if args.bboxes else [],
        bbox_thr=args.bbox_thr,
        nms_thr=args.nms_thr,
        disable_rebase_keypoint=args.disable_rebase_keypoint,
        num_instances=args.num_instances,
        **_options.stream_options(args),
    )
    _options.report(results)


if __name__ == '__main__':
    main(parse_args())
