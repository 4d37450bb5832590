"""Records the loss curves that tests compare with, or compares with those recorded.

    python tools/misc/record_training_curves.py                 # all families
    python tools/misc/record_training_curves.py rtmo body_3d    # those with this in their name
    python tools/misc/record_training_curves.py --check [NAME]  # the largest deviations

Exit status 1 when a curve does not fall, or with ``--check`` is not the recorded one.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from mmengine.logging import MMLogger

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'benchmarks'))

from training_curves import CURVES, compare, falls, read_curves, train, write_curves  # noqa: E402

RECORDING = ROOT / 'tests' / 'data' / 'training_curves.json'


def main() -> None:
    """Train what the command line asks for, and write or compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('names', nargs='*', help='parts of the names of families; all by default')
    parser.add_argument('--check', action='store_true', help='compare instead of recording')
    args = parser.parse_args()
    MMLogger.get_current_instance().setLevel('ERROR')  # how each weight was initialised
    recorded = read_curves(RECORDING) if RECORDING.exists() else {}
    recorded = {family: curves for family, curves in recorded.items() if family in CURVES}
    wrong = False
    for family in CURVES:
        if args.names and not any(part in family for part in args.names):
            continue
        start = time.process_time()
        curves = train(family)
        print(f'{family}: {time.process_time() - start:.0f} s of processor time', flush=True)
        if not falls(curves):
            wrong = True
            print('  DOES NOT FALL')
        if args.check:
            for deviation in compare(recorded.get(family, {}), curves):
                wrong |= not deviation.accepted
                print(f'  {deviation}{"" if deviation.accepted else "  OFF"}', flush=True)
        else:
            recorded[family] = curves
            write_curves(RECORDING, recorded)
    sys.exit(wrong)


if __name__ == '__main__':
    main()
