import logging

import pytest
from mmengine.logging import MMLogger


@pytest.fixture
def warnings():
    """The warnings that are logged."""
    records = []

    class Keep(logging.Handler):
        def emit(self, record):
            records.append(record.getMessage())

    handler, logger = Keep(logging.WARNING), MMLogger.get_current_instance()
    logger.addHandler(handler)
    yield records
    logger.removeHandler(handler)
