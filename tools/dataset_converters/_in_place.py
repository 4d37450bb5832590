"""What the scripts share that convert a data set in its own folder."""

import argparse

from mmpose.cli.main import main


def convert_in_place(format_name: str, data_root: str) -> int:
    """Run ``mmpose convert`` and return the exit status.

    Args:
        format_name: What to convert.
        data_root: The folder, unless the command line names another.
    """
    parser = argparse.ArgumentParser(
        description=f'The same as `mmpose convert {format_name} DATA_ROOT DATA_ROOT`.'
    )
    parser.add_argument('data_root', nargs='?', default=data_root, help='(default: %(default)s)')
    root = parser.parse_args().data_root
    return main(['convert', format_name, root, root])
