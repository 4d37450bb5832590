"""Convert the flies, locusts and zebras of DeepPoseKit; as ``mmpose convert deepposekit``."""

import argparse
import sys
from pathlib import Path

from mmpose.cli.main import main

if __name__ == '__main__':
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        'data_root',
        nargs='?',
        default='data/DeepPoseKit-Data/datasets',
        help='with the folders fly, locust and zebra, or some of them (default: %(default)s)',
    )
    parser.add_argument('out', nargs='?', default='data', help='gets them (default: %(default)s)')
    args = parser.parse_args()
    animals = ('fly', 'locust', 'zebra')
    found = [animal for animal in animals if Path(args.data_root, animal).is_dir()]
    if not found:
        sys.exit(f'error: {args.data_root!r} has no folder {", ".join(animals)}.')
    sys.exit(
        max(
            main(['convert', 'deepposekit', f'{args.data_root}/{animal}', f'{args.out}/{animal}'])
            for animal in found
        )
    )
