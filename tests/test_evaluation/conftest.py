import contextlib
import logging

import pytest
from mmengine.logging import MMLogger


@contextlib.contextmanager
def messages(level):
    """The messages that are logged at the level or above."""
    records = []

    class Keep(logging.Handler):
        def emit(self, record):
            records.append(record.getMessage())

    handler, logger = Keep(level), MMLogger.get_current_instance()
    logger.addHandler(handler)
    yield records
    logger.removeHandler(handler)


@pytest.fixture
def warnings():
    """The warnings that are logged."""
    with messages(logging.WARNING) as records:
        yield records


@pytest.fixture
def log():
    """All that is logged."""
    with messages(logging.INFO) as records:
        yield records
