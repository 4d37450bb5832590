"""Turn keypoints predicted for MPII from MATLAB's format into JSON."""

import argparse
import sys
from pathlib import Path

from mmpose.datasets.converters import ConversionError
from mmpose.datasets.converters.mpii import predictions_to_json

if __name__ == '__main__':
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('pred_mat_file', type=Path, help='with `preds`, counted from 1')
    parser.add_argument('gt_json_file', type=Path, help='the annotation file of the same people')
    parser.add_argument('output_json_file', type=Path, help='the file to write')
    args = parser.parse_args()
    try:
        number = predictions_to_json(args.pred_mat_file, args.gt_json_file, args.output_json_file)
    except (ConversionError, FileNotFoundError) as error:
        sys.exit(f'error: {error}')
    print(f'{args.output_json_file}: {number} people')
