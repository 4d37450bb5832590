"""Convert Human3.6M to npz files and pictures; the same as ``mmpose convert h36m``."""

import argparse
import sys
from pathlib import Path

from mmpose.cli.main import main

if __name__ == '__main__':
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--metadata', required=True, help='metadata.xml, with the cameras')
    parser.add_argument(
        '--original', required=True, help='the folder of the archives (.tgz) or of S1, S5, ...'
    )
    parser.add_argument(
        '--extracted', help='where to unpack archives (default: `extracted` beside the original)'
    )
    parser.add_argument(
        '--processed', help='where to write to (default: `processed` beside the original)'
    )
    parser.add_argument(
        '--sample-rate',
        default='5',
        help='every how many frames the smaller files and the pictures have (default: %(default)s)',
    )
    args = parser.parse_args()
    beside = Path(args.original).absolute().parent
    processed = args.processed or str(beside / 'processed')
    words = ['--metadata', args.metadata, '--sample-rate', args.sample_rate]
    words += ['--extracted', args.extracted or str(beside / 'extracted')]
    sys.exit(main(['convert', 'h36m', args.original, processed, *words]))
