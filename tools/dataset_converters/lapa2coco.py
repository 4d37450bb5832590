"""Convert LaPa to COCO style; the same as ``mmpose convert lapa``."""

import sys

from _in_place import convert_in_place

if __name__ == '__main__':
    sys.exit(convert_in_place('lapa', 'data/LaPa'))
