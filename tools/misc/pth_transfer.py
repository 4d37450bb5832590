"""Take the student out of a distillation checkpoint; the same as ``mmpose pth_transfer``."""

import sys

from mmpose.cli.pth_transfer import main

if __name__ == '__main__':
    sys.exit(main())
