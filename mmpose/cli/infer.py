"""``mmpose infer``: poses in pictures and videos, drawn and written."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import ConfigError, warn

if TYPE_CHECKING:
    from mmpose.apis import MMPoseInferencer
    from mmpose.results import PoseResult, Writer


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of this command."""
    parser.add_argument(
        'inputs',
        nargs='+',
        metavar='INPUT',
        help="picture, folder of pictures, video, or 'webcam:0'",
    )
    add_model_arguments(parser)
    parser.add_argument(
        '--out',
        metavar='FILE',
        help='predictions, written as they come: .jsonl, .csv, .parquet or .json',
    )
    parser.add_argument('--draw', metavar='FOLDER', help='drawings: pictures, and videos as .mp4')
    parser.add_argument('--batch-size', type=int, default=8, metavar='N', help='default: 8')
    parser.add_argument(
        '--bboxes',
        type=json.loads,
        metavar='[[LEFT,TOP,RIGHT,BOTTOM],...]',
        help='boxes for every picture, in place of a detector',
    )
    add_call_arguments(parser)


def add_model_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments that say which models run."""
    models = parser.add_argument_group('models')
    models.add_argument(
        '--model',
        default='human',
        metavar='MODEL',
        help='name, alias or config of a model (default: human)',
    )
    models.add_argument('--weights', metavar='FILE', help='its checkpoint, a path or URL')
    models.add_argument(
        '--pose3d', metavar='MODEL', help="lift the poses into space, such as by 'human3d'"
    )
    models.add_argument('--pose3d-weights', metavar='FILE')
    models.add_argument(
        '--det-model',
        metavar='MODEL',
        help="name, config or ONNX file of a detector; 'whole_image' for none (default: the usual "
        'one for the model)',
    )
    models.add_argument('--det-weights', metavar='FILE')
    models.add_argument(
        '--det-cat-ids',
        nargs='+',
        default=['all'],
        metavar='N',
        help='classes whose boxes count, 0 for people of COCO (default: all)',
    )
    models.add_argument('--device', help='such as cuda:0 or cpu (default: found out)')
    models.add_argument('--trust-checkpoint', action='store_true', help='let checkpoints run code')


def add_call_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments that say how pictures are gone through."""
    call = parser.add_argument_group('prediction')
    call.add_argument('--bbox-thr', type=float, default=0.3, help='lowest score of a box')
    call.add_argument('--nms-thr', type=float, default=0.3, help='largest overlap of two boxes')
    call.add_argument('--kpt-thr', type=float, default=0.3, help='lowest score that is drawn')
    call.add_argument('--no-flip-test', action='store_true', help='half the time, less exact')
    call.add_argument('--track', action='store_true', help='give people of a video ids')
    call.add_argument('--smooth', choices=['one_euro', 'savgol'], help='calm the tracks')
    call.add_argument(
        '--det-every', type=int, default=1, metavar='N', help='run the detector every N frames'
    )
    call.add_argument(
        '--whole-image-if-empty',
        action='store_true',
        help='take a picture without boxes as one person, as MMPose 1.x does',
    )


def run(args: argparse.Namespace) -> None:
    """Predict, draw and write."""
    if not (args.out or args.draw):
        raise ConfigError('Nothing would be kept: give --out FILE.jsonl, --draw FOLDER, or both.')
    options = call_options(args)
    if args.bboxes:
        options['bboxes'] = args.bboxes
    with ExitStack() as stack:
        writer = _open(args.out, stack) if args.out else None
        inferencer = build_inferencer(args, show_progress=True)
        start = time.perf_counter()
        try:
            results = inferencer.stream(
                args.inputs, batch_size=args.batch_size, vis_out_dir=args.draw or '', **options
            )
            pictures, people = _take(results, writer)
        except (ValueError, RuntimeError) as error:  # of an input or an option
            raise ConfigError(str(error)) from error
        seconds = time.perf_counter() - start
    print(
        f'{pictures} pictures, {people} poses, {seconds:.1f} s '
        f'({pictures / max(seconds, 1e-9):.1f} pictures a second)'
    )
    for place in filter(None, (args.out, args.draw)):
        print(place)


def build_inferencer(args: argparse.Namespace, show_progress: bool = False) -> MMPoseInferencer:
    """The inferencer of the arguments of :func:`add_model_arguments`."""
    from mmpose.apis import MMPoseInferencer

    if args.model.endswith('.py') and args.weights is None:
        warn('no --weights are given: the model is untrained, its predictions mean nothing')
    try:
        return MMPoseInferencer(
            args.model,
            args.weights,
            args.pose3d,
            args.pose3d_weights,
            args.device,
            det_model=args.det_model,
            det_weights=args.det_weights,
            det_cat_ids=_cat_ids(args.det_cat_ids),
            show_progress=show_progress,
            trust_checkpoint=args.trust_checkpoint,
        )
    except ValueError as error:
        raise ConfigError(str(error)) from error


def call_options(args: argparse.Namespace) -> dict[str, Any]:
    """The options of a call, from the arguments of :func:`add_call_arguments`."""
    return dict(
        bbox_thr=args.bbox_thr,
        nms_thr=args.nms_thr,
        kpt_thr=args.kpt_thr,
        flip_test=False if args.no_flip_test else None,
        track=args.track,
        smooth=args.smooth,
        det_every=args.det_every,
        on_empty='whole_image' if args.whole_image_if_empty else 'skip',
    )


def _open(out: str, stack: ExitStack) -> Writer:
    from mmpose.results import open_writer

    Path(out).parent.mkdir(parents=True, exist_ok=True)
    try:
        return stack.enter_context(open_writer(out))
    except ValueError as error:
        raise ConfigError(f'--out {out}: {error}') from error


def _take(results: Iterator[PoseResult], writer: Writer | None) -> tuple[int, int]:
    """How many pictures and poses there were; an interrupt ends with what is done until then."""
    pictures = people = 0
    try:
        for result in results:
            pictures += 1
            people += len(result)
            if writer:
                writer.write(result)
    except KeyboardInterrupt:
        warn(f'interrupted; the results of {pictures} pictures are whole')
    finally:
        results.close()
    return pictures, people


def _cat_ids(words: list[str]) -> list[int] | str:
    if words == ['all']:
        return 'all'
    try:
        return [int(word) for word in words]
    except ValueError:
        raise ConfigError(f"--det-cat-ids {' '.join(words)}: give numbers, or 'all'.") from None
