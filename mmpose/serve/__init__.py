"""A small web page and HTTP interface for a pose model."""

from .launch import create_app, serve
from .limits import Limits

__all__ = ['Limits', 'create_app', 'serve']
