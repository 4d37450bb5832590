"""Settings of parameter groups that hold beside those of single modules."""

from __future__ import annotations

from copy import copy

from mmengine.logging import print_log
from mmengine.optim import DefaultOptimWrapperConstructor
from torch import nn

from mmpose.registry import OPTIM_WRAPPER_CONSTRUCTORS


@OPTIM_WRAPPER_CONSTRUCTORS.register_module()
class ForceDefaultOptimWrapperConstructor(DefaultOptimWrapperConstructor):
    """MMEngine's constructor, whose general rules can also hold for ``custom_keys``.

    With ``force_default_settings=True`` in ``paramwise_cfg``, rules such as ``bias_decay_mult``
    hold for every parameter; an entry of ``custom_keys`` sets what no rule has set. Otherwise the
    rules pass over parameters that have an entry, as in MMEngine.

    Args:
        optim_wrapper_cfg: Config of the optimizer wrapper, with the ``optimizer`` in it.
        paramwise_cfg: The rules; ``None`` for none.
    """

    def add_params(
        self,
        params: list[dict],
        module: nn.Module,
        prefix: str = '',
        is_dcn_module: bool | None = None,
    ) -> None:
        """Append a parameter group for each parameter of a module.

        Args:
            params: The groups so far, which are added to.
            module: The module.
            prefix: Its name in the model.
            is_dcn_module: Whether its parent is a deformable convolution.
        """
        rules = dict(self.paramwise_cfg)
        forced, custom_keys = rules.pop('force_default_settings', False), rules.get('custom_keys')
        if not (forced and custom_keys):
            super().add_params(params, module, prefix, is_dcn_module)
            return
        general = copy(self)
        general.paramwise_cfg = {k: v for k, v in rules.items() if k != 'custom_keys'}
        start = len(params)
        general.add_params(params, module, prefix, is_dcn_module)
        names = {parameter: name for name, parameter in module.named_parameters(prefix)}
        keys = sorted(sorted(custom_keys), key=len, reverse=True)  # the order of MMEngine
        for group in params[start:]:
            name = names[group['params'][0]]
            key = next((key for key in keys if key in name), None)
            for setting, value in self._settings(custom_keys.get(key, {})).items():
                if setting not in group:
                    group[setting] = value
                    print_log(f'paramwise_options -- {name}:{setting}={value}', logger='current')

    def _settings(self, entry: dict) -> dict:
        """What an entry of ``custom_keys`` means for a parameter group; nothing for none."""
        if not entry:
            return {}
        settings = dict(lr=self.base_lr * entry.get('lr_mult', 1.0))
        if self.base_wd is not None:
            settings['weight_decay'] = self.base_wd * entry.get('decay_mult', 1.0)
        return {**settings, **entry}
