"""Predict all poses in a picture, a folder of pictures or a video, without a detector.

python demo/bottomup_demo.py CONFIG CHECKPOINT --input people.jpg --output-root results

The model is a bottom-up one, such as DEKR, or one that finds boxes and poses at once, such as RTMO.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter

import _options

from mmpose.apis import Pose2DInferencer


def parse_args(args: list[str] | None = None) -> Namespace:
    """The options of the command line."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument('config', help='config file of the model')
    parser.add_argument('checkpoint', help='path or URL of the weights')
    _options.add_stream_options(parser)
    _options.add_model_options(parser)
    _options.add_2d_drawing_options(parser)
    parser.add_argument('--show-kpt-idx', action='store_true', help='write keypoint indices')
    parser.add_argument(
        '--pose-based-nms', action='store_true', help='keep one of poses that share keypoints'
    )
    return _options.parse(parser, args)


def main(args: Namespace) -> None:
    """Predict, draw and write."""
    inferencer = Pose2DInferencer(
        args.config, args.checkpoint, device=args.device, trust_checkpoint=args.trust_checkpoint
    )
    _options.expect_mode(inferencer, 'bottomup', 'topdown_demo.py')
    if args.show_kpt_idx:
        _options.show_kpt_idx(inferencer)
    results = inferencer.stream(
        args.input,
        pose_based_nms=args.pose_based_nms,
        draw_heatmap=args.draw_heatmap,
        skeleton_style=args.skeleton_style,
        **_options.stream_options(args),
    )
    _options.report(results)


if __name__ == '__main__':
    main(parse_args())
