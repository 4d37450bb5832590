"""Convert 300W-LP to COCO style; the same as ``mmpose convert face_300wlp``."""

import sys

from _in_place import convert_in_place

if __name__ == '__main__':
    sys.exit(convert_in_place('face_300wlp', 'data/300wlp'))
