"""The usual detector for each kind of subject."""

from __future__ import annotations

_PERSON = dict(model='rtmdet-m', weights=None, cat_ids=(0,))

# names of MMDetection's models, and the COCO categories of the subject among their classes
default_det_models: dict[str, dict] = dict(
    human=_PERSON,
    body=_PERSON,
    wholebody=_PERSON,
    animal=dict(model='rtmdet-m', weights=None, cat_ids=tuple(range(15, 24))),
)
