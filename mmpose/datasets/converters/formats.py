"""The formats that can be converted."""

from __future__ import annotations

import difflib
from importlib import import_module
from types import ModuleType

from .errors import ConversionError

# Each is a module here. It has `OPTIONS`, the words of the help by option, which are keyword
# arguments of its function: `read(source, out, **options)`, which returns a CocoWriter, or, where
# what comes out is not COCO, `write(source, out, **options)`, which returns what to tell about it.
FORMATS = dict(
    animalpose='Animal-Pose: XML with 20 keypoints of mammals, pictures of PASCAL VOC',
    coco2yolo='COCO annotations, to YOLO pose labels',
    cofw='COFW: MATLAB files with pictures and 29 points of faces',
    cvat='CVAT XML, for images or for video (1.1)',
    deeplabcut='a DeepLabCut project, one or several animals',
    deepposekit='DeepPoseKit: HDF5 with pictures of flies, locusts or zebras',
    face_300vw='300VW: videos with 68 points of a face in a .pts file for each frame',
    face_300wlp='300W-LP: 68 points of a face in a .mat file for each picture',
    h36m='Human3.6M: poses (.cdf), videos and cameras, to npz files and pictures',
    label_studio='a JSON export of Label Studio, with keypoints and rectangles',
    labelme='LabelMe, one JSON file for each picture',
    lapa='LaPa: 106 points of a face in a text file for each picture',
    macaque='MacaquePose: CSV with keypoints and outlines of monkeys',
    mpi_inf_3dhp='MPI-INF-3DHP: poses (.mat) and videos, to npz files and pictures',
    mpii='MPII: mpii_human_pose_v1_u12_1.mat',
    sleap='SLEAP labels (.slp), with pictures inside or a video beside',
    ubody='UBody: COCO-WholeBody annotations of scenes, and their videos',
    wflw='WFLW: lists with 98 points of faces',
    yolo='YOLO pose labels with their data.yaml',
)


def format_module(name: str) -> ModuleType:
    """The module that converts the format ``name``.

    Raises:
        ConversionError: There is no such format.
    """
    key = name.replace('-', '_')
    if key not in FORMATS:
        near = difflib.get_close_matches(key, FORMATS, n=2)
        hint = f'did you mean {" or ".join(near)}?' if near else f'there are {", ".join(FORMATS)}.'
        raise ConversionError(f'There is no format {name!r}; {hint}')
    return import_module(f'{__package__}.{key}')
