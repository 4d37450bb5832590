"""Which arguments a part takes, and what is wrong with those that a config gives it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterator
from difflib import get_close_matches
from inspect import Parameter
from typing import Any

# Constructors of these hand `**kwargs` to their base class and do nothing else with them.
_TRUSTED = ('mmpose', 'mmengine', 'mmcv')


def parameters_of(part: Callable) -> dict[str, Parameter] | None:
    """The parameters by name of a class or function; ``None`` if they cannot be known.

    A constructor's ``**kwargs`` stand for the parameters of the base classes.
    """
    parameters: dict[str, Parameter] = {}
    trusted = _is_trusted(part)
    for function in _constructors(part) if inspect.isclass(part) else [part]:
        try:
            own = list(inspect.signature(function).parameters.values())
        except (TypeError, ValueError):  # of a built-in
            return None
        for parameter in own[1:] if inspect.isclass(part) else own:
            if parameter.kind not in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD):
                parameters.setdefault(parameter.name, parameter)
        if not any(parameter.kind == Parameter.VAR_KEYWORD for parameter in own):
            return parameters
        if not trusted:
            return None
    return None


def argument_faults(
    part: Callable,
    given: Collection[str],
    supplied: Collection[str] = (),
    besides: Collection[str] = (),
) -> list[str]:
    """What is wrong with the names of the arguments for ``part``, a sentence each.

    Args:
        part: The class or function that is to be called.
        given: The names that a config has.
        supplied: Names that the code which builds the part adds.
        besides: Names that are read from the config before the part gets the others.
    """
    parameters = parameters_of(part)
    if parameters is None:
        return []
    unknown = [key for key in given if key not in parameters and key not in besides]
    missing = [key for key in _required(part) if key not in {*given, *supplied, *besides}]
    known = [*parameters, *(key for key in besides if key not in parameters)]
    known = [key for key in known if key not in supplied or key in besides]
    name, faults = getattr(part, '__name__', str(part)), []
    for key in unknown:
        near = near_names(key, known)
        hint = f'Did you mean {near[0]!r}?' if near else f'It takes {", ".join(known)}.'
        faults.append(f'{name} does not take {key!r}. {hint}')
        missing = [other for other in missing if other not in near]  # meant by this one
    if missing:
        needed = ' and '.join(map(repr, missing))
        faults.append(f'{name} needs {needed}, which the config does not set.')
    return faults


def near_names(name: str, options: Collection[str], limit: int = 1) -> list[str]:
    """The names among ``options`` that ``name`` may have been meant to be, the closest first."""
    by_lower = {option.lower(): option for option in options}
    return [by_lower[match] for match in get_close_matches(name.lower(), by_lower, limit, 0.6)]


def _required(part: Callable) -> list[str]:
    """The parameters without a default that the part names itself."""
    functions = list(_constructors(part)) if inspect.isclass(part) else [part]
    if not functions:
        return []
    parameters = list(inspect.signature(functions[0]).parameters.values())
    return [
        parameter.name
        for parameter in (parameters[1:] if inspect.isclass(part) else parameters)
        if parameter.default is Parameter.empty
        and parameter.kind in (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)
    ]


def _constructors(part: type) -> Iterator[Any]:
    for base in part.__mro__:
        if '__init__' in vars(base) and base is not object:
            yield vars(base)['__init__']


def _is_trusted(part: Callable) -> bool:
    return getattr(part, '__module__', '').partition('.')[0] in _TRUSTED
