"""Predict hands in space in a picture, a folder of pictures or a video.

python demo/hand3d_internet_demo.py CONFIG CHECKPOINT --input hands.jpg --output-root results

Each picture is one or two hands, as large as the picture, unless --bboxes or a detector says where
they are: DET_CONFIG DET_CHECKPOINT may stand before the config.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter

import numpy as np

from mmpose.apis import Hand3DInferencer


def parse_args(args: list[str] | None = None) -> Namespace:
    """The options of the command line."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument(
        'models', nargs='+', metavar='CONFIG CHECKPOINT', help='detector, if any, and hand model'
    )
    parser.add_argument('--input', required=True, help='picture, folder of pictures, or video')
    parser.add_argument('--bboxes', type=float, nargs='+', default=[], help='left top right bottom')
    parser.add_argument('--output-root', default='', help='folder for drawings and predictions')
    parser.add_argument('--save-predictions', action='store_true', help='write predictions too')
    parser.add_argument('--device', default='cuda:0', help='the CPU is used if CUDA is absent')
    parser.add_argument('--trust-checkpoint', action='store_true', help='let it run code')
    parser.add_argument('--det-cat-id', type=int, default=0, help='of hands, for the detector')
    parser.add_argument('--bbox-thr', type=float, default=0.3, help='lowest score of a box')
    parser.add_argument('--nms-thr', type=float, default=0.3, help='overlap of two boxes')
    parser.add_argument('--disable-rebase-keypoint', action='store_true', help='keep the height')
    parser.add_argument('--num-instances', type=int, default=1, help='panels; -1: all in one')
    parser.add_argument('--kpt-thr', type=float, default=0.3, help='lowest score that is drawn')
    parser.add_argument('--show-kpt-idx', action='store_true', help='write keypoint indices')
    parser.add_argument('--draw-bbox', action='store_true')
    parser.add_argument('--radius', type=float, default=3, help='of keypoints, in pixels')
    parser.add_argument('--thickness', type=float, default=1, help='of links, in pixels')
    parser.add_argument('--show', action='store_true', help='show the drawings in a window')
    parser.add_argument('--show-interval', type=float, default=0, help='seconds of a window')
    parsed = parser.parse_args(args)
    if len(parsed.models) not in (2, 4):
        parser.error('give the config and the checkpoint of the hand model')
    if len(parsed.bboxes) % 4:
        parser.error(f'--bboxes has {len(parsed.bboxes)} numbers; give four for each box')
    return parsed


def make_inferencer(args: Namespace) -> Hand3DInferencer:
    """The models, put together."""
    *detector, config, checkpoint = args.models
    det_model = None
    if detector:
        from mmpose.apis.detectors import build_detector

        det_model = build_detector(*detector, cat_ids=[args.det_cat_id], device=args.device)
    inferencer = Hand3DInferencer(
        config,
        checkpoint,
        device=args.device,
        det_model=det_model,
        trust_checkpoint=args.trust_checkpoint,
    )
    inferencer.drawing_options = dict(show_kpt_idx=args.show_kpt_idx)
    return inferencer


def main(args: Namespace) -> None:
    """Predict, draw and write."""
    results = make_inferencer(args)(
        args.input,
        bboxes=np.reshape(args.bboxes, (-1, 4)) if args.bboxes else [],
        bbox_thr=args.bbox_thr,
        nms_thr=args.nms_thr,
        disable_rebase_keypoint=args.disable_rebase_keypoint,
        num_instances=args.num_instances,
        kpt_thr=args.kpt_thr,
        draw_bbox=args.draw_bbox,
        radius=args.radius,
        thickness=args.thickness,
        show=args.show,
        wait_time=args.show_interval,
        vis_out_dir=args.output_root,
        pred_out_dir=args.output_root if args.save_predictions else '',
    )
    for number, result in enumerate(results, 1):
        print(f'{number}: {len(result["predictions"][0])} instances')


if __name__ == '__main__':
    main(parse_args())
