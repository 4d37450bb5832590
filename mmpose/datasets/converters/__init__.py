from .coco_writer import CocoWriter
from .conversion import Conversion, convert, write_splits
from .errors import ConversionError, MissingPackageError
from .formats import FORMATS

__all__ = [
    'FORMATS',
    'CocoWriter',
    'Conversion',
    'ConversionError',
    'MissingPackageError',
    'convert',
    'write_splits',
]
