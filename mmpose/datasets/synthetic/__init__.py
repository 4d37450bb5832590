from .scene import SyntheticPeople

__all__ = ['SyntheticPeople']
