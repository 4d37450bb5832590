from .heatmap_loss import KeypointMSELoss

__all__ = ['KeypointMSELoss']
