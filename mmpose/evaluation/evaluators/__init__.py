"""Evaluators, which run metrics on the outputs of a model."""

from .mutli_dataset_evaluator import MultiDatasetEvaluator

__all__ = ['MultiDatasetEvaluator']
