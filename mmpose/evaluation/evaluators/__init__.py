"""Evaluators, which run metrics on the outputs of a model."""

__all__: list[str] = []
