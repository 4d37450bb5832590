"""The packages that backends of the visualizer need."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec

from .errors import ConfigError

# The package that each of MMEngine's backends imports when the run begins.
_PACKAGES = dict(
    AimVisBackend='aim',
    ClearMLVisBackend='clearml',
    DVCLiveVisBackend='dvclive',
    MLflowVisBackend='mlflow',
    NeptuneVisBackend='neptune',
    TensorboardVisBackend='tensorboard',
    WandbVisBackend='wandb',
)


def require_log_backends(cfg: Mapping) -> None:
    """Return if the packages of all backends of ``cfg.visualizer`` are installed.

    Raises:
        ConfigError: Names the missing packages, and the command that installs them.
    """
    backends = (cfg.get('visualizer') or {}).get('vis_backends') or []
    missing = {
        kind: package
        for kind in (str(backend.get('type')).rpartition('.')[2] for backend in backends)
        if (package := _PACKAGES.get(kind)) and find_spec(package) is None
    }
    if missing:
        raise ConfigError(
            f'visualizer.vis_backends has {", ".join(missing)}, but {", ".join(missing.values())} '
            f'cannot be imported; install with `pip install {" ".join(missing.values())}`, or '
            'take it out of the config.'
        )
