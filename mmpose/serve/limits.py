"""How much a request may ask for."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields


@dataclass(frozen=True)
class Limits:
    """What a server takes; every value is positive.

    Attributes:
        max_mb: Size of an upload in megabytes (10^6 bytes).
        max_megapixels: Pixels of a picture or frame, in millions.
        max_side: Longer side of a picture or frame in pixels.
        max_boxes: Boxes that may be given with a picture.
        max_seconds: Time for the answer to a picture, its upload included.
        max_frames: Frames of a video that are looked at.
        max_video_seconds: Time for a whole video, its upload included.
        max_requests: Pictures and videos that are worked on or wait at the same time.

    Raises:
        ValueError: A value is not positive.
    """

    max_mb: float = 20
    max_megapixels: float = 50
    max_side: int = 16384
    max_boxes: int = 100
    max_seconds: float = 30
    max_frames: int = 1000
    max_video_seconds: float = 600
    max_requests: int = 8

    def __post_init__(self) -> None:
        for field in fields(self):
            if not 0 < getattr(self, field.name) < float('inf'):
                raise ValueError(
                    f'{field.name} is {getattr(self, field.name)}; give a number above 0.'
                )

    @property
    def max_bytes(self) -> int:
        """Bytes of an upload."""
        return int(self.max_mb * 1e6)

    def to_dict(self) -> dict[str, float]:
        """The values by name."""
        return asdict(self)
