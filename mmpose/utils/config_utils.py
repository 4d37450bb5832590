"""Configs of other packages, made to work here."""

from __future__ import annotations

from mmengine.config import ConfigDict


def adapt_mmdet_pipeline(cfg: ConfigDict) -> ConfigDict:
    """The config with the transforms of its test pipeline marked as MMDetection's own.

    Without the mark, a name that both packages register, such as ``RandomFlip``, would be looked
    up here.

    Args:
        cfg: A detector's config, changed in place; one without ``test_dataloader`` stays.

    Raises:
        ImportError: MMDetection is not installed.
    """
    if 'test_dataloader' not in cfg:
        return cfg
    try:
        from mmdet.datasets import transforms
    except ImportError as error:
        raise ImportError(
            'The config of an MMDetection detector needs MMDetection; install it with '
            '`pip install onedl-mmdetection`.'
        ) from error
    for transform in cfg['test_dataloader']['dataset']['pipeline']:
        if hasattr(transforms, transform['type']):
            transform['type'] = f'mmdet.{transform["type"]}'
    return cfg
