"""Answers to requests that cannot be served."""

from __future__ import annotations

import json


class RequestError(Exception):
    """A request that is refused.

    Args:
        status: Of HTTP.
        code: What is wrong, as a word for programs.
        message: What was wrong, what was expected, how to mend it.
        retry_after: Seconds after which the same request may succeed; ``None`` for never.
    """

    def __init__(
        self, status: int, code: str, message: str, retry_after: int | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.retry_after = status, code, retry_after

    def to_json(self) -> str:
        """The body of the answer, or the last line of one that has begun."""
        return json.dumps(dict(error=dict(code=self.code, message=str(self))))

    @property
    def headers(self) -> dict[str, str]:
        """Of the answer, beside its type."""
        return {} if self.retry_after is None else {'Retry-After': str(self.retry_after)}
