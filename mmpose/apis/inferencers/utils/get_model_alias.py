"""Names and aliases of the models in the model zoo."""

from __future__ import annotations

from pathlib import Path

from mmpose.utils.model_zoo import find_zoo_model, zoo_models
from mmpose.utils.resources import resource_path


def get_model_aliases(scope: str = 'mmpose') -> dict[str, str]:
    """The config's name for each alias; nothing if there is no model index.

    Args:
        scope: Only ``'mmpose'`` has aliases.
    """
    if scope != 'mmpose':
        return {}
    return {alias: Path(m.config).stem for m in zoo_models() for alias in m.aliases}


def find_model(name: str) -> tuple[Path, str | None]:
    """The config and the weights of a model.

    Args:
        name: A model's name or alias, in any case, or the path of a config.

    Raises:
        FileNotFoundError: ``name`` looks like a path, and there is no such file.
        ValueError: No model is called so; the message lists similar names.
    """
    if name.endswith(('.py', '.json', '.yml', '.yaml')):
        return resource_path(name), None
    model = find_zoo_model(name)
    return model.path, model.weights
