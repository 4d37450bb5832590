"""The usual detector for each kind of subject."""

from __future__ import annotations

from mmpose.apis.detectors.published import PUBLISHED

_HAND, _FACE = 'rtmdet_nano_320-8xb32_hand', 'yolox-s_8xb8-300e_coco-face'
_PERSON = dict(model='rtmdet-m', weights=None, cat_ids=(0,))

# what build_detector takes: a name, its weights (`None`: the published ones) and the numbers of the
# subject among the classes
default_det_models: dict[str, dict] = dict(
    human=_PERSON,
    body=_PERSON,
    wholebody=_PERSON,
    animal=dict(model='rtmdet-m', weights=None, cat_ids=tuple(range(15, 24))),
    hand=dict(model=_HAND, weights=PUBLISHED[_HAND].url, cat_ids=(0,)),
    face=dict(model=_FACE, weights=PUBLISHED[_FACE].url, cat_ids=(0,)),
)
