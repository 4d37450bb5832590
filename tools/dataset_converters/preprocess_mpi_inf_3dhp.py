"""Convert MPI-INF-3DHP to npz files and pictures; the same as ``mmpose convert mpi_inf_3dhp``."""

import argparse
import sys

from mmpose.cli.main import main

if __name__ == '__main__':
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('data_root', help='the folder with S1, S2, ... and the test set')
    parser.add_argument('out_dir', help='the folder to write to')
    args = parser.parse_args()
    sys.exit(main(['convert', 'mpi_inf_3dhp', args.data_root, args.out_dir]))
