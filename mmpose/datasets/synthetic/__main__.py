"""Command line: ``python -m mmpose.datasets.synthetic OUT_DIR``."""

from __future__ import annotations

import argparse
from pathlib import Path

from mmengine.logging import print_log

from .scene import SyntheticPeople


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """The command line's options."""
    parser = argparse.ArgumentParser(
        prog='python -m mmpose.datasets.synthetic',
        description='Draw people and label their 17 COCO keypoints: a data set of any size to '
        'learn with, to test with and to try the project on.',
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument('out_dir', type=Path, help='folder to write into')
    parser.add_argument('--num', type=int, default=1000, help='number of pictures')
    parser.add_argument('--split', default='train', help='name of the folder and the label file')
    parser.add_argument('--size', type=int, nargs=2, default=(640, 480), metavar=('W', 'H'))
    parser.add_argument('--people', type=int, nargs=2, default=(1, 5), metavar=('MIN', 'MAX'))
    parser.add_argument(
        '--height',
        type=float,
        nargs=2,
        default=(60, 400),
        metavar=('MIN', 'MAX'),
        help='stature in pixels',
    )
    parser.add_argument('--seed', type=int, default=0, help='give every split another one')
    parser.add_argument('--workers', type=int, default=0, help='processes; 0: only this one')
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> Path:
    """Write ``OUT_DIR/SPLIT/*.jpg`` and ``OUT_DIR/annotations/SPLIT.json``."""
    args = parse_args(argv)
    people = SyntheticPeople(args.size, args.people, args.height, args.seed)
    ann_file = people.write_coco(
        args.out_dir,
        args.num,
        ann_file=f'annotations/{args.split}.json',
        img_dir=args.split,
        workers=args.workers,
        progress=True,
    )
    print_log(
        f'\n{args.num} pictures in {args.out_dir / args.split}, labels in {ann_file}. '
        f"To use them: data_root={str(args.out_dir)!r}, ann_file='annotations/{args.split}.json', "
        f"data_prefix=dict(img='{args.split}/')."
    )
    return ann_file


if __name__ == '__main__':
    main()
