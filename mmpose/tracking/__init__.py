"""People followed through a video: ids that stay, boxes of the next frame, smooth keypoints."""

from .association import default_sigmas, match, pose_similarity
from .filters import OneEuroFilter, SavitzkyGolayFilter, smooth_sequence
from .kalman import BoxMotion, BoxStates
from .smoother import TrackSmoother
from .tracker import TrackedBoxes, Tracker

__all__ = [
    'BoxMotion',
    'BoxStates',
    'OneEuroFilter',
    'SavitzkyGolayFilter',
    'TrackSmoother',
    'TrackedBoxes',
    'Tracker',
    'default_sigmas',
    'match',
    'pose_similarity',
    'smooth_sequence',
]
