"""Show the pictures of a data set with their labels; the same as ``mmpose browse``."""

import sys

from mmpose.cli.browse import main

if __name__ == '__main__':
    sys.exit(main())
