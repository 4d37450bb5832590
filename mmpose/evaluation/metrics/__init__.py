"""Metrics, by the names that configs give them."""

from .coco_metric import CocoMetric

__all__ = ['CocoMetric']
