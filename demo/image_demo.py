"""Draw the pose in a picture of one instance.

python demo/image_demo.py person.jpg CONFIG CHECKPOINT --out-file result.jpg
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

import mmcv
from mmengine.config import DictAction

from mmpose.apis import inference_topdown, init_model
from mmpose.structures import merge_data_samples
from mmpose.visualization import PoseLocalVisualizer


def parse_args(args: list[str] | None = None) -> Namespace:
    """The options of the command line."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument('img', help='picture file')
    parser.add_argument('config', help='config file of the model')
    parser.add_argument('checkpoint', help='path or URL of the weights')
    parser.add_argument('--out-file', help='where to write the drawing')
    parser.add_argument('--device', default='cuda:0', help='the CPU is used if CUDA is absent')
    parser.add_argument('--cfg-options', nargs='+', action=DictAction, help='KEY=VALUE changes')
    parser.add_argument('--draw-heatmap', action='store_true')
    parser.add_argument('--show-kpt-idx', action='store_true', help='write keypoint indices')
    parser.add_argument('--skeleton-style', default='mmpose', choices=['mmpose', 'openpose'])
    parser.add_argument('--kpt-thr', type=float, default=0.3, help='lowest score that is drawn')
    parser.add_argument('--radius', type=float, default=3, help='of keypoints, in pixels')
    parser.add_argument('--thickness', type=float, default=1, help='of links, in pixels')
    parser.add_argument('--alpha', type=float, default=0.8, help='opacity of keypoints and links')
    parser.add_argument('--show', action='store_true', help='show the drawing in a window')
    parser.add_argument('--trust-checkpoint', action='store_true', help='let it run code')
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
