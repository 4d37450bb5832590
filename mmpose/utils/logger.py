"""The package's logger."""

from __future__ import annotations

import logging
import os

from mmengine.logging import MMLogger


def get_root_logger(log_file: str | None = None, log_level: int | str = logging.INFO) -> MMLogger:
    """The logger named 'mmpose'; the first call makes it, later ones return the same.

    Args:
        log_file: File to write to besides the console. A file named in a later call is added.
        log_level: Least severity to print; counts in the first call.
    """
    if not MMLogger.check_instance_created('mmpose'):
        return MMLogger.get_instance(
            'mmpose', logger_name='mmpose', log_file=log_file, log_level=log_level
        )
    logger = MMLogger.get_instance('mmpose')
    files = [getattr(handler, 'baseFilename', None) for handler in logger.handlers]
    if log_file is not None and os.path.abspath(log_file) not in files:
        handler = logging.FileHandler(log_file)
        handler.setFormatter(logging.Formatter('%(asctime)s - %(levelname)s - %(message)s'))
        logger.addHandler(handler)
    return logger
