"""Predict people in space in a picture, a folder of pictures or a video.

python demo/body3d_pose_lifter_demo.py DET_CONFIG DET_CHECKPOINT POSE_CONFIG POSE_CHECKPOINT \
    LIFTER_CONFIG LIFTER_CHECKPOINT --input people.mp4 --output-root results

Without the first two, the usual detector of the 2D model is loaded; --bboxes gives boxes instead.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter

import _options
import numpy as np

from mmpose.apis import Pose3DInferencer


def parse_args(args: list[str] | None = None) -> Namespace:
    """The options of the command line."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument(
        'models', nargs='+', metavar='CONFIG CHECKPOINT', help='detector, 2D model, lifting model'
    )
    parser.add_argument('--bboxes', type=float, nargs='+', default=[], help='left top right bottom')
    _options.add_stream_options(parser)
    _options.add_model_options(parser)
    _options.add_detector_options(parser)
    _options.add_drawing_options(parser)
    parser.add_argument('--batch-size', type=int, default=1, help='frames per forward pass')
    parser.add_argument('--use-oks-tracking', action='store_true', help='track by keypoints')
    parser.add_argument('--tracking-thr', type=float, default=0.3, help='likeness of one person')
    parser.add_argument('--online', action='store_true', help='look at no later frames')
    parser.add_argument('--disable-norm-pose-2d', action='store_true', help='keep the 2D scale')
    parser.add_argument('--disable-rebase-keypoint', action='store_true', help='keep the height')
    parser.add_argument('--num-instances', type=int, default=1, help='panels; -1: all in one')
    parsed = _options.parse(parser, args)
    if len(parsed.models) not in (4, 6):
        parser.error('give the config and the checkpoint of the 2D model and of the lifting model')
    if len(parsed.bboxes) % 4:
        parser.error(f'--bboxes has {len(parsed.bboxes)} numbers; give four for each box')
    return parsed


def make_inferencer(args: Namespace) -> Pose3DInferencer:
    """The three models, put together."""
    *detector, pose_config, pose_checkpoint, lifter_config, lifter_checkpoint = args.models
    inferencer = Pose3DInferencer(
        lifter_config,
        lifter_checkpoint,
        pose_config,
        pose_checkpoint,
        device=args.device,
        det_model=_options.detector_of(detector, args),
        trust_checkpoint=args.trust_checkpoint,
    )
    inferencer.online = args.online
    return inferencer


def main(args: Namespace) -> None:
    """Predict, draw and write."""
    results = make_inferencer(args).stream(
        args.input,
        batch_size=args.batch_size,
        bboxes=np.reshape(args.bboxes, (-1, 4)) if args.bboxes else [],
        bbox_thr=args.bbox_thr,
        nms_thr=args.nms_thr,
        use_oks_tracking=args.use_oks_tracking,
        tracking_thr=args.tracking_thr,
        disable_norm_pose_2d=args.disable_norm_pose_2d,
        disable_rebase_keypoint=args.disable_rebase_keypoint,
        num_instances=args.num_instances,
        **_options.stream_options(args),
    )
    _options.report(results)


if __name__ == '__main__':
    main(parse_args())
