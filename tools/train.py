"""Train a model from a config; the same as ``mmpose train``."""

import sys

from mmpose.cli.train import main

if __name__ == '__main__':
    sys.exit(main())
