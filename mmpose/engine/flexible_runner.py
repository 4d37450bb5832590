"""MMEngine's runner over strategies, with the right counts in its checkpoints."""

from __future__ import annotations

from typing import Any

from mmengine.runner import FlexibleRunner as _FlexibleRunner

from mmpose.registry import RUNNERS


@RUNNERS.register_module()
class FlexibleRunner(_FlexibleRunner):
    """MMEngine's runner of this name, which counts epochs as its other runner does.

    MMEngine's counts an epoch too many in the checkpoint that is saved again after a validation
    that was better than those before, so that resuming left an epoch out. The parameters are those
    of :class:`mmengine.runner.FlexibleRunner`.
    """

    def save_checkpoint(self, *args: Any, meta: dict | None = None, **kwargs: Any) -> None:
        """Save a checkpoint; see :class:`mmengine.runner.FlexibleRunner` for the parameters."""
        meta = dict(meta or {})
        self._counts = {key: meta[key] for key in ('epoch', 'iter') if key in meta}
        super().save_checkpoint(*args, meta=meta, **kwargs)

    def call_hook(self, fn_name: str, **kwargs: Any) -> None:
        """Call all hooks; those who see a checkpoint see it with its counts."""
        if fn_name == 'before_save_checkpoint':
            kwargs['checkpoint']['meta'].update(self._counts)
        super().call_hook(fn_name, **kwargs)
