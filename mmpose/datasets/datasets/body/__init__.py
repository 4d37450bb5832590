from .aic_dataset import AicDataset
from .coco_dataset import CocoDataset
from .crowdpose_dataset import CrowdPoseDataset
from .exlpose_dataset import ExlposeDataset
from .humanart21_dataset import HumanArt21Dataset
from .humanart_dataset import HumanArtDataset
from .jhmdb_dataset import JhmdbDataset
from .mhp_dataset import MhpDataset
from .mpii_dataset import MpiiDataset
from .mpii_trb_dataset import MpiiTrbDataset
from .ochuman_dataset import OCHumanDataset
from .posetrack18_dataset import PoseTrack18Dataset
from .posetrack18_video_dataset import PoseTrack18VideoDataset

__all__ = [
    'AicDataset',
    'CocoDataset',
    'CrowdPoseDataset',
    'ExlposeDataset',
    'HumanArt21Dataset',
    'HumanArtDataset',
    'JhmdbDataset',
    'MhpDataset',
    'MpiiDataset',
    'MpiiTrbDataset',
    'OCHumanDataset',
    'PoseTrack18Dataset',
    'PoseTrack18VideoDataset',
]
