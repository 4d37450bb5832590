"""``python -m mmpose`` is the ``mmpose`` command."""

import sys

from mmpose.cli.main import main

if __name__ == '__main__':
    sys.exit(main())
