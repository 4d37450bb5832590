"""Seconds that importing parts of the package adds to ``import torch, cv2, mmengine``.

Each import runs in a fresh process; the processes take turns, and medians are printed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from statistics import median

BASE = 'import torch, cv2, mmengine'
IMPORTS = {
    'mmpose': 1.0,
    'mmpose.apis': 1.0,
    'mmpose.datasets': None,
    'mmpose.models': None,
    'mmpose.apis.inferencers': None,
}


def seconds(module: str) -> float:
    """What one process needs for ``module`` once the base is imported."""
    code = (
        f'import time; {BASE}; start = time.perf_counter(); import {module}; '
        'print(time.perf_counter() - start)'
    )
    return float(subprocess.check_output([sys.executable, '-c', code], text=True))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--runs', type=int, default=5, help='processes per import')
    args = parser.parse_args()
    times = [{module: seconds(module) for module in IMPORTS} for _ in range(args.runs)]
    print(f'| import | s beyond `{BASE}` | target |')
    print('|---|---:|---:|')
    for module, target in IMPORTS.items():
        value = median(run[module] for run in times)
        print(f'| {module} | {value:.2f} | {"" if target is None else f"{target:g}"} |')


if __name__ == '__main__':
    main()
