"""Options of a call beyond those of the 1.x interface."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

_ON_EMPTY = ('whole_image', 'skip')


@dataclass(frozen=True)
class StreamOptions:
    """How the pictures of a call are gone through.

    Attributes:
        on_empty: What a top-down model does where the detector finds nothing: ``'whole_image'``
            takes the picture as one instance, ``'skip'`` gives no instance.
        flip_test: Whether each input is run mirrored as well, which doubles the time; ``None``
            leaves it to the model's config.
        track: Whether instances get ``track_id``, the same for the same one in the frames of a
            video, or in all pictures of a call that are no videos. Instances that are not sure
            yet to be one have -1.
        smooth: ``'one_euro'``, ``'savgol'`` or a function from a track's points to a filter's, see
            :class:`mmpose.tracking.TrackSmoother`; ``None`` leaves keypoints as they are. It
            includes ``track``.
        det_every: The detector sees every such frame; on those between, boxes come from the
            tracks. More than 1 includes ``track``.

    Raises:
        ValueError: An option has an unknown value.
    """

    on_empty: str = 'whole_image'
    flip_test: bool | None = None
    track: bool = False
    smooth: str | Callable | None = None
    det_every: int = 1

    def __post_init__(self) -> None:
        if self.on_empty not in _ON_EMPTY:
            raise ValueError(f'on_empty is {self.on_empty!r}; it has to be one of {_ON_EMPTY}.')
        if self.det_every < 1:
            raise ValueError(f'det_every is {self.det_every}; it has to be at least 1.')

    @classmethod
    def names(cls) -> set[str]:
        """The names of the options."""
        return {field.name for field in fields(cls)}

    @classmethod
    def taken_from(cls, kwargs: dict[str, Any]) -> StreamOptions:
        """The options among ``kwargs``, which loses them."""
        return cls(**{name: kwargs.pop(name) for name in cls.names() & set(kwargs)})

    @property
    def tracks(self) -> bool:
        """Whether instances are tracked."""
        return self.track or self.smooth is not None or self.det_every > 1


DEFAULT_OPTIONS = StreamOptions()
