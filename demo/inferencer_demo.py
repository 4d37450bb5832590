"""Predict poses in a picture, a folder of pictures, a video or the frames of a camera.

python demo/inferencer_demo.py people.mp4 --pose2d human --track --out poses.csv \
    --vis-out-dir drawings
"""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter, _ArgumentGroup
from contextlib import ExitStack

import _options

from mmpose.apis import MMPoseInferencer, get_model_aliases
from mmpose.results import open_writer
from mmpose.results.writers import known_suffix

INIT_OPTIONS = (
    'pose2d',
    'pose2d_weights',
    'pose3d',
    'pose3d_weights',
    'device',
    'scope',
    'det_model',
    'det_weights',
    'det_cat_ids',
    'show_progress',
    'trust_checkpoint',
)
# one-stage models are less sure of their poses, and find some twice
USUAL_THRESHOLDS = dict(bbox_thr=0.3, nms_thr=0.3, pose_based_nms=False)
THRESHOLDS = dict(
    yoloxpose=dict(bbox_thr=0.01, nms_thr=0.65, pose_based_nms=True),
    rtmo=dict(bbox_thr=0.1, nms_thr=0.65, pose_based_nms=True),
)


def parse_args(args: list[str] | None = None) -> Namespace:
    """The options of the command line."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument(
        'inputs', nargs='?', help="picture, folder of pictures, video, or 'webcam:0'"
    )
    _add_model_options(parser.add_argument_group('models'))
    _add_prediction_options(parser.add_argument_group('prediction'))
    _add_output_options(parser.add_argument_group('output'))
    parsed = parser.parse_args(args)
    if parsed.inputs is None and not parsed.show_alias:
        parser.error('give a picture, a folder of pictures, a video or a camera')
    if parsed.out:
        try:
            known_suffix(parsed.out)
        except ValueError as error:
            parser.error(f'--out {error}')
    if 'all' in parsed.det_cat_ids:
        parsed.det_cat_ids = 'all'
    model = str(parsed.pose2d).lower()
    special = next((THRESHOLDS[name] for name in THRESHOLDS if name in model), {})
    for name, value in {**USUAL_THRESHOLDS, **special}.items():
        if getattr(parsed, name) is None:
            setattr(parsed, name, value)
    return parsed


def _add_model_options(group: _ArgumentGroup) -> None:
    group.add_argument('--pose2d', help='name, alias or config file of a 2D model')
    group.add_argument('--pose2d-weights', help='path or URL of its weights')
    group.add_argument('--pose3d', help='the same of a model of poses in space')
    group.add_argument('--pose3d-weights', help='path or URL of its weights')
    group.add_argument(
        '--det-model',
        help="name, config or ONNX file of a detector; 'whole_image' for none; the usual one of "
        'the model if not given',
    )
    group.add_argument('--det-weights', help='path or URL of its weights')
    group.add_argument(
        '--det-cat-ids',
        type=lambda word: word if word == 'all' else int(word),
        nargs='+',
        default=[0],
        metavar='NUMBER',
        help="classes of --det-model that count, or 'all'; 0 if not given",
    )
    group.add_argument('--scope', default='mmpose', help='where registries look first')
    group.add_argument('--device', help='such as cuda:0 or cpu; found out if not given')
    group.add_argument('--trust-checkpoint', action='store_true', help='let it run code')
    group.add_argument('--show-alias', action='store_true', help='list the aliases and end')


def _add_prediction_options(group: _ArgumentGroup) -> None:
    group.add_argument('--batch-size', type=int, default=1, help='pictures per forward pass')
    group.add_argument(
        '--bboxes', type=json.loads, default=[], metavar='[[LEFT,TOP,RIGHT,BOTTOM],...]'
    )
    group.add_argument('--bbox-thr', type=float, help='lowest score of a box')
    group.add_argument('--nms-thr', type=float, help='largest overlap of two boxes')
    group.add_argument(
        '--pose-based-nms',
        type=lambda word: json.loads(word.lower()),
        choices=[True, False],
        nargs='?',
        const=True,
        help='keep one of poses that share keypoints; usual for RTMO and YOLOX-Pose',
    )
    group.add_argument('--no-flip-test', action='store_true', help='half the time, less exact')
    group.add_argument(
        '--on-empty',
        default='whole_image',
        choices=['whole_image', 'skip'],
        help='how to take a picture in which the detector finds nothing',
    )
    group.add_argument('--track', action='store_true', help='give instances of a video ids')
    group.add_argument('--smooth', choices=['one_euro', 'savgol'], help='calm the tracks')
    group.add_argument('--det-every', type=int, default=1, help='frames per run of the detector')
    group.add_argument('--use-oks-tracking', action='store_true', help='for 3D models')
    group.add_argument('--tracking-thr', type=float, default=0.3, help='for 3D models')
    group.add_argument('--disable-norm-pose-2d', action='store_true', help='for 3D models')
    group.add_argument('--disable-rebase-keypoint', action='store_true', help='for 3D models')


def _add_output_options(group: _ArgumentGroup) -> None:
    _options.add_2d_drawing_options(group)
    group.add_argument('--show-progress', action='store_true')
    group.add_argument('--draw-bbox', action='store_true')
    group.add_argument('--black-background', action='store_true')
    group.add_argument('--num-instances', type=int, default=1, help='for 3D models')
    group.add_argument('--vis-out-dir', default='', help='folder for drawings')
    group.add_argument('--pred-out-dir', default='', help='folder for predictions, in JSON')
    group.add_argument('--out-dir', help='folder for both, each in a folder of its own')
    group.add_argument(
        '--out', metavar='FILE', help='all predictions: .jsonl, .csv, .parquet or .json'
    )


def main(args: Namespace) -> None:
    """Predict, draw and write, or list the aliases."""
    call = vars(args).copy()
    init = {name: call.pop(name) for name in INIT_OPTIONS}
    if call.pop('show_alias'):
        for alias, name in sorted(get_model_aliases().items()):
            print(f'{alias:32} {name}')
        return
    out = call.pop('out')
    call['flip_test'] = False if call.pop('no_flip_test') else None
    results = MMPoseInferencer(**init).stream(**call)
    count = 0
    with ExitStack() as stack:
        writer = stack.enter_context(open_writer(out)) if out else None
        try:
            for result in results:
                count += 1
                if writer:
                    writer.write(result)
        except KeyboardInterrupt:
            print('Interrupted; what is written until here is whole.')
        finally:
            results.close()
    print(f'{count} pictures were processed.')


if __name__ == '__main__':
    main(parse_args())
