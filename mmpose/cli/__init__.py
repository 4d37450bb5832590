"""The ``mmpose`` command."""
