"""Draw the pose in a picture of one instance.

python demo/image_demo.py person.jpg CONFIG CHECKPOINT --out-file result.jpg
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

import _options
import mmcv
from mmengine.config import DictAction

from mmpose.apis import inference_topdown, init_model
from mmpose.structures import merge_data_samples
from mmpose.visualization import PoseLocalVisualizer


def parse_args(args: list[str] | None = None) -> Namespace:
    """The options of the command line."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument('img', help='picture file')
    parser.add_argument('config', help='config file of a top-down model')
    parser.add_argument('checkpoint', help='path or URL of the weights')
    parser.add_argument('--out-file', help='where to write the drawing')
    _options.add_model_options(parser)
    _options.add_2d_drawing_options(parser)
    parser.add_argument('--cfg-options', nargs='+', action=DictAction, help='KEY=VALUE changes')
    parser.add_argument('--show-kpt-idx', action='store_true', help='write keypoint indices')
    parser.add_argument('--alpha', type=float, default=0.8, help='opacity of keypoints and links')
    return parser.parse_args(args)


def main(args: Namespace) -> None:
    """Predict and draw."""
    options = dict(args.cfg_options or {})
    if args.draw_heatmap:
        options['model.test_cfg.output_heatmaps'] = True
    model = init_model(args.config, args.checkpoint, args.device, options, args.trust_checkpoint)
    visualizer = PoseLocalVisualizer(
        radius=args.radius, line_width=args.thickness, alpha=args.alpha
    )
    visualizer.set_dataset_meta(model.dataset_meta, args.skeleton_style)
    sample = merge_data_samples(inference_topdown(model, args.img))
    visualizer.add_datasample(
        'result',
        mmcv.imread(args.img, channel_order='rgb'),
        sample,
        draw_gt=False,
        draw_bbox=True,
        draw_heatmap=args.draw_heatmap,
        kpt_thr=args.kpt_thr,
        show_kpt_idx=args.show_kpt_idx,
        skeleton_style=args.skeleton_style,
        show=args.show,
        out_file=args.out_file,
    )
    if args.out_file:
        print(f'The drawing is in {args.out_file}.')


if __name__ == '__main__':
    main(parse_args())
