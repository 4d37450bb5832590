"""Convert 300VW to COCO style; the same as ``mmpose convert face_300vw``."""

import sys

from _in_place import convert_in_place

if __name__ == '__main__':
    sys.exit(convert_in_place('face_300vw', 'data/300vw'))
