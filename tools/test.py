"""Measure a trained model on its test set; the same as ``mmpose test``."""

import sys

from mmpose.cli.test import main

if __name__ == '__main__':
    sys.exit(main())
