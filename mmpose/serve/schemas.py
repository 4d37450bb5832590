"""What the interface answers, for its description; the docstrings become part of that."""

from __future__ import annotations

from pydantic import BaseModel, Field

Point = list[float | None]


class Timing(BaseModel):
    """Where the time went, in milliseconds."""

    decode_ms: float = Field(description='from the first byte to a decoded picture')
    wait_ms: float = Field(description='until the model was free')
    model_ms: float = Field(description='of the model')
    total_ms: float = Field(description='of all, without sending the answer')


class Instance(BaseModel):
    """One person, or whatever the model finds; with K keypoints."""

    track_id: int | None = Field(None, description='of videos: the same for the same person')
    bbox: list[list[float]] | None = Field(
        None, description='a list with one box: left, top, right, bottom, in pixels'
    )
    bbox_score: float | None = Field(None, description='how sure the box is')
    keypoints: list[Point] = Field(description='(K, 2) x and y in pixels; null: missing')
    keypoint_scores: list[float | None] = Field(description='(K,) as the model gives them')
    keypoint_conf: list[float] = Field(description='(K,) confidence, 0 to 1')


class PredictionAnswer(BaseModel):
    """The poses in a picture."""

    size: tuple[int, int] = Field(description='height and width of the picture, in pixels')
    instances: list[Instance]
    timing: Timing
    source: str | None = Field(None, description='not used')
    frame_index: int | None = Field(None, description='of videos: which frame, from 0')
    timestamp: float | None = Field(None, description='of videos: seconds from the start')


class Definition(BaseModel):
    """The K keypoints of the model and the links between them."""

    dataset_name: str
    keypoint_names: list[str]
    skeleton_links: list[tuple[int, int]] = Field(description='pairs of keypoints, from 0')
    keypoint_colors: list[tuple[int, int, int]] = Field(description='red, green, blue; 0 to 255')
    skeleton_link_colors: list[tuple[int, int, int]]
    flip_indices: list[int] = Field(description='the mirror image of each keypoint')


class LimitsAnswer(BaseModel):
    """What a request may ask for."""

    max_mb: float = Field(description='megabytes (10^6 bytes) of an upload')
    max_megapixels: float = Field(description='million pixels of a picture or frame')
    max_side: int = Field(description='pixels of its longer side')
    max_boxes: int = Field(description='boxes with a picture')
    max_seconds: float = Field(description='for a picture')
    max_frames: int = Field(description='frames of a video')
    max_video_seconds: float = Field(description='for a video')
    max_requests: int = Field(description='requests at the same time')


class ModelAnswer(BaseModel):
    """The model, and what the server takes."""

    name: str
    version: str = Field(description='of mmpose')
    metainfo: Definition
    limits: LimitsAnswer
    picture_types: list[str]
    video_types: list[str]


class HealthAnswer(BaseModel):
    """That the server runs."""

    status: str = Field(description='ok')
    requests: int = Field(description='pictures and videos that it works on')


class ErrorDetail(BaseModel):
    """What was wrong."""

    code: str = Field(description='a word for programs, such as too_large')
    message: str = Field(description='what was wrong, what was expected, how to mend it')


class ErrorAnswer(BaseModel):
    """The answer to a request that cannot be served."""

    error: ErrorDetail
