"""Predict poses in a picture, a folder of pictures or a video.

python demo/inferencer_demo.py pictures/ --pose2d CONFIG --pose2d-weights CHECKPOINT \
    --vis-out-dir drawings
"""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace

from mmpose.apis import MMPoseInferencer, get_model_aliases

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


def parse_args(args: list[str] | None = None) -> Namespace:
    """The options of the command line."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument('inputs', nargs='?', help='picture, folder of pictures, or video')
    model = parser.add_argument_group('models')
    model.add_argument('--pose2d', help='name, alias or config file of a 2D model')
    model.add_argument('--pose2d-weights', help='path or URL of its weights')
    model.add_argument('--pose3d', help='3D models are not supported')
    model.add_argument('--pose3d-weights')
    model.add_argument('--det-model', help="'whole_image': the pictures show one instance each")
    model.add_argument('--det-weights')
    model.add_argument('--det-cat-ids', type=int, nargs='+')
    model.add_argument('--scope', default='mmpose')
    model.add_argument('--device', help='such as cuda:0 or cpu; found out if not given')
    model.add_argument('--trust-checkpoint', action='store_true', help='let it run code')
    model.add_argument('--show-alias', action='store_true', help='list the aliases and end')
    predict = parser.add_argument_group('prediction')
    predict.add_argument('--batch-size', type=int, default=1, help='pictures per forward pass')
    predict.add_argument(
        '--bboxes', type=json.loads, default=[], metavar='[[LEFT,TOP,RIGHT,BOTTOM],...]'
    )
    predict.add_argument('--bbox-thr', type=float, default=0.3)
    predict.add_argument('--nms-thr', type=float, default=0.3)
    predict.add_argument('--pose-based-nms', action='store_true')
    predict.add_argument('--use-oks-tracking', action='store_true', help='for 3D models')
    predict.add_argument('--tracking-thr', type=float, default=0.3, help='for 3D models')
    predict.add_argument('--disable-norm-pose-2d', action='store_true', help='for 3D models')
    predict.add_argument('--disable-rebase-keypoint', action='store_true', help='for 3D models')
    output = parser.add_argument_group('output')
    output.add_argument('--show', action='store_true', help='show the drawings in a window')
    output.add_argument('--show-progress', action='store_true')
    output.add_argument('--draw-bbox', action='store_true')
    output.add_argument('--draw-heatmap', action='store_true')
    output.add_argument('--black-background', action='store_true')
    output.add_argument('--skeleton-style', default='mmpose', choices=['mmpose', 'openpose'])
    output.add_argument('--kpt-thr', type=float, default=0.3, help='lowest score that is drawn')
    output.add_argument('--radius', type=float, default=3, help='of keypoints, in pixels')
    output.add_argument('--thickness', type=float, default=1, help='of links, in pixels')
    output.add_argument('--num-instances', type=int, default=1, help='for 3D models')
    output.add_argument('--vis-out-dir', default='', help='folder for drawings')
    output.add_argument('--pred-out-dir', default='', help='folder for predictions, in JSON')
    output.add_argument('--out-dir', help='folder for both, each in a folder of its own')
    parsed = parser.parse_args(args)
    if parsed.inputs is None and not parsed.show_alias:
        parser.error('give a picture, a folder of pictures or a video')
    return parsed


def main(args: Namespace) -> None:
    """Predict, draw and write, or list the aliases."""
    call = vars(args)
    init = {name: call.pop(name) for name in INIT_OPTIONS}
    if call.pop('show_alias'):
        for alias, name in sorted(get_model_aliases().items()):
            print(f'{alias:32} {name}')
        return
    count = sum(1 for _ in MMPoseInferencer(**init)(**call))
    print(f'{count} pictures were processed.')


if __name__ == '__main__':
    main(parse_args())
