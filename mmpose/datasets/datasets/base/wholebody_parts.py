"""Parts of the people of COCO-WholeBody as instances of their own."""

from __future__ import annotations

SHARED_KEYS = ('id', 'image_id', 'iscrowd', 'segmentation')


def wholebody_part(ann: dict, part: str) -> dict | None:
    """The annotation of one part of a person, or ``None`` if the part is not labelled.

    Args:
        ann: The annotation of the person.
        part: ``'face'``, ``'lefthand'`` or ``'righthand'``.
    """
    keypoints = ann[f'{part}_kpts']
    if not ann[f'{part}_valid'] or max(keypoints) <= 0:
        return None
    shared = {key: ann[key] for key in SHARED_KEYS if key in ann}
    return dict(shared, bbox=ann[f'{part}_box'], keypoints=keypoints)
