"""Pictures per second that ``mmpose.datasets.synthetic`` draws and writes with one process."""

from __future__ import annotations

import argparse
import tempfile
import time

import cv2

from mmpose.datasets.synthetic import SyntheticPeople


def main() -> None:
    """Time a run, by the clock and by the processor."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--num', type=int, default=200, help='number of pictures')
    parser.add_argument('--size', type=int, nargs=2, default=(640, 480), metavar=('W', 'H'))
    args = parser.parse_args()
    cv2.setNumThreads(1)
    people = SyntheticPeople(image_size=args.size)
    people.draw(0)
    with tempfile.TemporaryDirectory() as folder:
        wall, cpu = time.perf_counter(), time.process_time()
        people.write_coco(folder, args.num)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    size = 'x'.join(map(str, args.size))
    print(f'{args.num} pictures of {size} with labels, JPEG included, one thread:')
    print(f'{args.num / wall:.1f} pictures/s by the clock, {args.num / cpu:.1f} by CPU time')


if __name__ == '__main__':
    main()
