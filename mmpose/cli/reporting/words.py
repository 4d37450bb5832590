"""What the numbers of a report mean, a sentence each."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

_DEFINITIONS = {
    'images': 'Pictures of the data set, with and without people.',
    'instances': 'Labelled people (or animals, hands, ...) that count: neither a crowd nor '
    'without any labelled keypoint.',
    'detections': 'Predicted poses.',
    'found': 'Instances that a predicted pose belongs to, by how the results were made or, as in '
    'COCO, by falling score: each pose takes the most similar instance that is free, at an OKS of '
    '0.1 or more.',
    'missed': 'Instances that no predicted pose belongs to.',
    'background': 'Predicted poses that are similar to no instance: an OKS below 0.1 to all.',
    'duplicate': 'Predicted poses that are similar only to instances that another pose has taken.',
    'OKS': 'Object keypoint similarity, the mean over the labelled keypoints of '
    'exp(-d\N{SUPERSCRIPT TWO} / (2 area (2 sigma)\N{SUPERSCRIPT TWO})) with the distance d in '
    'pixels: 1 where all are in place, 0 where all are far away.',
    'similarity': 'Of one keypoint, its term in the OKS.',
    'AP': 'Average precision: the area under the curve of precision over recall, averaged over '
    'ten OKS thresholds from 0.5 to 0.95; 1 is perfect.',
    'AP .5': 'Average precision where an OKS of 0.5 is enough to be right.',
    'AP .75': 'Average precision where it takes an OKS of 0.75 to be right.',
    'AR': 'Average recall: the share of instances that are found, averaged over ten OKS '
    'thresholds from 0.5 to 0.95.',
    'PCK': 'Share of the labelled keypoints of found instances that were predicted nearer to '
    'their label than {pck_thr:g} times the longer side of the labelled box.',
    'median error': 'Distance in pixels between keypoint and label that half of the labelled '
    'keypoints of found instances stay below.',
    'labelled': 'Instances in which this keypoint is labelled.',
    'matched': 'Found instances in which this keypoint is labelled and, as the instance has an '
    'area, can be judged.',
    'AP of a keypoint': 'Average precision as if instances consisted of this keypoint alone.',
    'good': 'Keypoints in place: a similarity of 0.85 or more to their own label.',
    'jitter': 'Keypoints beside their place: a similarity of 0.5 to 0.85 to their own label.',
    'inversion': 'Keypoints elsewhere that have a similarity of 0.5 or more to the mirrored '
    'keypoint of the same person, such as left for right.',
    'swap': 'Keypoints elsewhere that have a similarity of 0.5 or more to the same or the mirrored '
    'keypoint of another person.',
    'miss': 'Keypoints that are similar to none of these labels.',
    'AP if mended': 'What AP would be if all errors of this kind were put right and nothing else: '
    'how much there is to gain.',
    'reliability': 'Poses or keypoints in groups of like score, and how good each group is: above '
    'the diagonal scores are too low, below it they promise too much.',
    'OKS reached': 'That of a predicted pose with its instance; 0 for background and duplicates.',
    'keypoints in place': 'Share of keypoints with a similarity of 0.5 or more to their label.',
    'ECE': 'Expected calibration error: how far scores are from the quality reached, on average '
    'over all poses or keypoints; 0 is perfect.',
    'correlation': 'Pearson correlation of scores with the quality reached: 1 where both grow in '
    'line, 0 where scores say nothing.',
    'size': 'Instances by area: small below 32\N{SUPERSCRIPT TWO} square pixels, large above '
    '96\N{SUPERSCRIPT TWO}.',
    'crowding': 'Pictures by the crowd index in the annotations (easy below 0.2, hard from 0.8 '
    'on), or else by the highest overlap (IoU) of two boxes: alone (one instance), apart (below '
    '0.1), close (below 0.3), overlapping (from 0.3 on).',
    'wrong pose': 'A found instance with errors; those of high (1 - OKS) times score come first.',
    'score': 'How sure the model is; poses are ranked by it.',
}


def definitions(pck_thr: float) -> Mapping[str, str]:
    """A sentence for each name.

    Args:
        pck_thr: Share of the longer side of a box within which a keypoint is right.
    """
    return {name: text.format(pck_thr=pck_thr) for name, text in _DEFINITIONS.items()}


def term(name: str, definition: str) -> str:
    """HTML of a name that tells its meaning where a pointer rests on it."""
    return f'<span class="term" title="{escape(definition)}">{escape(name)}</span>'


def exact(value: float | None) -> str:
    """A number in full, for scripts; empty where there was nothing to measure."""
    return '' if value is None else repr(value)


def number(value: float | None, digits: int = 3) -> str:
    """A number as it is shown; a dash where there was nothing to measure."""
    if value is None:
        return '\N{EN DASH}'
    return f'{value:.{digits}f}'


def percent(value: float | None) -> str:
    """A share as it is shown."""
    return number(None if value is None else 100 * value, 1) + ('' if value is None else ' %')
