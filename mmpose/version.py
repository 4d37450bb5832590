"""The version, in the two forms that scripts read."""

__version__ = '1.4.0'
short_version = __version__
