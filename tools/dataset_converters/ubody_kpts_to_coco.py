"""Divide UBody's annotations and take its pictures out; as ``mmpose convert ubody``."""

import argparse
import sys

from mmpose.cli.main import main

if __name__ == '__main__':
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        '--data-root', default='data/UBody', help='the folder of UBody (default: %(default)s)'
    )
    root = parser.parse_args().data_root
    sys.exit(main(['convert', 'ubody', root, root]))
