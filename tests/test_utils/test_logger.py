import logging
import warnings

import pytest
from mmengine.logging import MMLogger

from mmpose.utils import get_root_logger


@pytest.fixture(autouse=True)
def no_logger_yet():
    """Each test makes the logger anew; the one before it is put back."""
    before = MMLogger._instance_dict.pop('mmpose', None)
    yield
    logger = MMLogger._instance_dict.pop('mmpose')
    for handler in logger.handlers:
        handler.close()
    if before is not None:
        MMLogger._instance_dict['mmpose'] = before


def test_one_logger_for_all_calls(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        logger = get_root_logger(str(tmp_path / 'a.log'))
        assert get_root_logger(log_level='ERROR') is logger
    assert logger.name == 'mmpose'
    assert {handler.level for handler in logger.handlers} == {logging.INFO}


def test_files_named_at_first_and_later(tmp_path):
    logger = get_root_logger(str(tmp_path / 'a.log'))
    logger.info('one')
    for _ in range(2):
        get_root_logger(str(tmp_path / 'b.log'))
    logger.info('two')
    assert (tmp_path / 'a.log').read_text().count('one') == 1
    assert (tmp_path / 'b.log').read_text().endswith('INFO - two\n')
    assert (tmp_path / 'b.log').read_text().count('two') == 1
