"""Predict people in space in a picture, a folder of pictures or a video.

python demo/body3d_pose_lifter_demo.py DET_CONFIG DET_CHECKPOINT POSE_CONFIG POSE_CHECKPOINT \
    LIFTER_CONFIG LIFTER_CHECKPOINT --input people.mp4 --output-root results

Without a detector, for which the first two are left out, boxes are given by --bboxes; without
these, each picture is one person.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter

import numpy as np

from mmpose.apis import Pose3DInferencer


def parse_args(args: list[str] | None = None) -> Namespace:
    """The options of the command line."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument(
        'models', nargs='+', metavar='CONFIG CHECKPOINT', help='detector, 2D model, lifting model'
    )
    parser.add_argument('--input', required=True, help='picture, folder of pictures, or video')
    parser.add_argument('--bboxes', type=float, nargs='+', default=[], help='left top right bottom')
    parser.add_argument('--output-root', default='', help='folder for drawings and predictions')
    parser.add_argument('--save-predictions', action='store_true', help='write predictions too')
    parser.add_argument('--device', default='cuda:0', help='the CPU is used if CUDA is absent')
    parser.add_argument('--trust-checkpoint', action='store_true', help='let it run code')
    parser.add_argument('--batch-size', type=int, default=1, help='frames per forward pass')
    parser.add_argument('--det-cat-id', type=int, default=0, help='of people, for the detector')
    parser.add_argument('--bbox-thr', type=float, default=0.3, help='lowest score of a box')
    parser.add_argument('--nms-thr', type=float, default=0.3, help='overlap of boxes of two people')
    parser.add_argument('--use-oks-tracking', action='store_true', help='track by keypoints')
    parser.add_argument('--tracking-thr', type=float, default=0.3, help='likeness of one person')
    parser.add_argument('--online', action='store_true', help='look at no later frames')
    parser.add_argument('--disable-norm-pose-2d', action='store_true', help='keep the 2D scale')
    parser.add_argument('--disable-rebase-keypoint', action='store_true', help='keep the height')
    parser.add_argument('--num-instances', type=int, default=1, help='panels; -1: all in one')
    parser.add_argument('--kpt-thr', type=float, default=0.3, help='lowest score that is drawn')
    parser.add_argument('--draw-bbox', action='store_true')
    parser.add_argument('--radius', type=float, default=3, help='of keypoints, in pixels')
    parser.add_argument('--thickness', type=float, default=1, help='of links, in pixels')
    parser.add_argument('--show', action='store_true', help='show the drawings in a window')
    parser.add_argument('--show-interval', type=float, default=0, help='seconds of a window')
    parsed = parser.parse_args(args)
    if len(parsed.models) not in (4, 6):
        parser.error('give the config and the checkpoint of the 2D model and of the lifting model')
    if len(parsed.bboxes) % 4:
        parser.error(f'--bboxes has {len(parsed.bboxes)} numbers; give four for each box')
    return parsed


def make_inferencer(args: Namespace) -> Pose3DInferencer:
    """The three models, put together."""
    *detector, pose_config, pose_checkpoint, lifter_config, lifter_checkpoint = args.models
    det_model = None
    if detector:
        from mmpose.apis.detectors import build_detector

        det_model = build_detector(*detector, cat_ids=[args.det_cat_id], device=args.device)
    inferencer = Pose3DInferencer(
        lifter_config,
        lifter_checkpoint,
        pose_config,
        pose_checkpoint,
        device=args.device,
        det_model=det_model,
        trust_checkpoint=args.trust_checkpoint,
    )
    inferencer.online = args.online
    return inferencer


def main(args: Namespace) -> None:
    """Predict, draw and write."""
    results = make_inferencer(args)(
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
