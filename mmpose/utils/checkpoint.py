"""Reading checkpoints without running what is in them, and loading them with a report."""

from __future__ import annotations

import logging
import os
import re
import struct
from collections import OrderedDict
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from io import BytesIO
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, NamedTuple

import torch
from mmengine.dist import barrier, get_rank
from mmengine.logging import print_log
from torch import nn

from .safe_unpickling import allowed_globals, settle

# Every scheme that MMEngine knows, as it spells them: regular expressions, '' for local paths.
_SCHEMES = (
    '',
    'http://',
    'https://',
    'modelzoo://',
    'torchvision://',
    'open-mmlab://',
    'openmmlab://',
    'mmcls://',
    'pavi://',
    r'(\S+\:)?s3://',
    r'(\S+\:)?petrel://',
)
# What readers of a file with wrong bytes run into.
_DAMAGE = (
    UnpicklingError,
    EOFError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
)
_MISSHAPEN = re.compile(
    r'size mismatch for (\S+): copying a param with shape torch\.Size\((.*?)\) from checkpoint, '
    r'the shape in current model is torch\.Size\((.*?)\)'
)

_trust_by_default = False


class CheckpointError(RuntimeError):
    """A checkpoint that cannot be read, is not safe to read, or does not fit the model."""


class LoadReport(NamedTuple):
    """What did not match when weights were loaded; names of parameters and buffers.

    Attributes:
        missing: In the model, not in the checkpoint.
        unexpected: In the checkpoint, not in the model.
        misshapen: In both, of different shape, with both shapes.
    """

    missing: list[str]
    unexpected: list[str]
    misshapen: dict[str, str]


def load_checkpoint_file(
    filename: str | os.PathLike,
    map_location: str | torch.device | Callable | None = 'cpu',
    trust: bool | None = None,
) -> dict:
    """The content of a checkpoint; unless trusted, nothing in the file is run.

    Args:
        filename: A path, a URL, or a name such as ``torchvision://resnet50``. Downloads are kept
            in the cache of ``torch.hub``.
        map_location: The device to put tensors on, as in :func:`torch.load`.
        trust: Whether to unpickle arbitrary objects, which lets the file run code; ``None`` for
            what :func:`use_safe_loading` was told last, which begins as ``False``.

    Raises:
        FileNotFoundError: There is no such file.
        ConnectionError: It could not be downloaded.
        CheckpointError: The file is damaged, something else, or needs ``trust``.
    """
    source = os.fspath(filename)
    file = _locate(source)
    try:
        checkpoint = _read(file, map_location, _trust_by_default if trust is None else trust)
    except _DAMAGE as error:
        if re.search('memory|CUDA|deserialize object on', str(error)):
            raise  # the machine's limits, not the file's
        raise CheckpointError(_explain(source, file, error)) from error
    if not isinstance(checkpoint, dict):
        raise CheckpointError(
            f'{source} holds a {type(checkpoint).__name__}, not a dict of weights.'
        )
    return _backbone_only(checkpoint) if source.startswith('mmcls://') else checkpoint


def use_safe_loading(trust: bool = False) -> None:
    """Make every load through MMEngine in this process go through :func:`load_checkpoint_file`.

    That covers ``load_from``, resuming and ``Pretrained`` initialisation. MMEngine's own loaders
    unpickle without restriction whatever they fail to read safely. Calling again is harmless.

    Args:
        trust: What :func:`load_checkpoint_file` does from now on where it is not told.
    """
    from mmengine.runner import CheckpointLoader

    global _trust_by_default
    _trust_by_default = trust

    def load_from_file(filename: str, map_location: Any = None) -> dict:
        return load_checkpoint_file(filename, map_location)

    CheckpointLoader.register_scheme(_SCHEMES, load_from_file, force=True)


def load_state_dict_checked(
    model: nn.Module,
    state_dict: dict,
    source: str,
    strict: bool = False,
    logger: logging.Logger | str | None = None,
    partial: bool = False,
) -> LoadReport:
    """Load weights and say what did not match.

    Args:
        model: Receives the weights.
        state_dict: The weights, or a checkpoint that has them under ``'state_dict'``. A leading
            ``module.`` of the names is dropped.
        source: Where the weights come from, for the messages.
        strict: Whether any difference at all is an error.
        logger: Gets one warning that lists the differences; ``None`` prints it.
        partial: Whether the weights of a related model will do, as in fine-tuning on other
            keypoints: parameters of another shape keep their values, and it is an error only if
            no parameter was found.

    Raises:
        CheckpointError: The weights do not belong to this model: a parameter has another shape,
            or fewer than half of the model's parameters were found. What fitted has been loaded.
    """
    report = _load(model, _weights(state_dict, source))
    if not any(report):
        return report
    text = _describe(report)
    names = {name for name, _ in model.named_parameters()}
    found = len(names - set(report.missing) - set(report.misshapen))
    enough = found > 0 or not names if partial else 2 * found >= len(names)
    if strict or not enough or (report.misshapen and not partial):
        raise CheckpointError(
            f'{source} does not fit the model: {found} of its {len(names)} parameters were found '
            f'with the right shape. The config and the checkpoint do not belong together; use the '
            f'config that the checkpoint was trained with.\n{text}'
        )
    print_log(
        f'{source} and the model differ; {found} of {len(names)} parameters were loaded.\n{text}',
        logger=logger,
        level=logging.WARNING,
    )
    return report


def _locate(source: str) -> str | BytesIO:
    """A local path to read, after a download if need be, or the content."""
    scheme, found, name = source.partition('://')
    if not found:
        return _existing(os.path.expanduser(source))
    if scheme in ('http', 'https'):
        return _download(source)
    if scheme in ('torchvision', 'modelzoo'):
        return _download(_torchvision_url(name))
    if scheme in ('open-mmlab', 'openmmlab', 'mmcls'):
        from mmengine.runner import checkpoint

        urls = getattr(
            checkpoint, 'get_mmcls_models' if scheme == 'mmcls' else 'get_external_models'
        )()
        return _locate(_look_up(name, urls, scheme))
    if scheme == 'pavi':
        raise CheckpointError(f'{source}: pavi:// is not supported; download the file first.')
    from mmengine import fileio

    return BytesIO(fileio.get(source))


def _existing(path: str) -> str:
    if os.path.isfile(path):
        return path
    folder = Path(path).parent
    siblings = sorted(p.name for p in folder.glob('*.pth')) if folder.is_dir() else []
    near = get_close_matches(Path(path).name, siblings, n=3)
    hint = f'Did you mean {" or ".join(near)}?' if near else 'Check the path.'
    what = 'is a folder, not a checkpoint file' if os.path.isdir(path) else 'does not exist'
    raise FileNotFoundError(f'checkpoint {path} {what}. {hint}')


def _torchvision_url(name: str) -> str:
    import mmengine

    table = Path(mmengine.__path__[0], 'hub', 'torchvision_0.12.json')
    urls = mmengine.load(table)
    if name not in urls:
        from mmengine.runner.checkpoint import get_torchvision_models

        urls = get_torchvision_models()
    return _look_up(name, urls, 'torchvision')


def _look_up(name: str, urls: dict[str, str], scheme: str) -> str:
    if name in urls:
        return urls[name]
    near = get_close_matches(name, urls, n=3)
    raise CheckpointError(
        f'{scheme}://{name} is unknown. '
        + (f'Did you mean {" or ".join(near)}?' if near else f'Known are {", ".join(urls)}.')
    )


def _download(url: str) -> str:
    folder = Path(torch.hub.get_dir(), 'checkpoints')
    path = folder / Path(url.partition('?')[0]).name

    def fetch() -> None:
        if not path.is_file():
            folder.mkdir(parents=True, exist_ok=True)
            print_log(f'Downloading {url} to {path}', logger='current')
            torch.hub.download_url_to_file(url, str(path), progress=os.isatty(2))

    try:
        if get_rank() == 0:
            fetch()
        barrier()
        fetch()  # where the ranks do not share a file system
    except OSError as error:
        raise ConnectionError(
            f'{url} could not be downloaded ({error}). Where there is no network, download the '
            f'file elsewhere and put it at {path}.'
        ) from error
    return str(path)


def _read(file: str | BytesIO, map_location: Any, trust: bool) -> Any:
    if trust:
        return torch.load(file, map_location=map_location, weights_only=False)
    with allowed_globals():
        return settle(torch.load(file, map_location=map_location, weights_only=True))


def _explain(source: str, file: str | BytesIO, error: Exception) -> str:
    """Why ``file`` could not be read, in a sentence for its user."""
    refused = re.search(r'GLOBAL (\S+)', str(error))
    if refused:
        return (
            f'{source} was not loaded: it names {refused[1]!r}, which no checkpoint of weights '
            'needs and which could run code. If you trust where the file comes from, pass '
            'trust_checkpoint=True (--trust-checkpoint on the command line).'
        )
    head = file.getvalue()[:512] if isinstance(file, BytesIO) else _head(file)
    if not head:
        return f'{source} is empty (0 bytes); download or save it again.'
    if head.startswith(b'version https://git-lfs'):
        return f'{source} is a Git LFS pointer, not the file itself; run `git lfs pull`.'
    if re.match(rb'\s*<(!doctype|html|\?xml)', head, re.IGNORECASE):
        return (
            f'{source} is a web page, not a checkpoint; the download got an error or login page. '
            'Download it again from its direct link.'
        )
    if head.startswith((b'PK\x03\x04', b'\x80')):
        reason = str(error).strip().splitlines()[-1:] or [type(error).__name__]
        return (
            f'{source} is damaged or cut short, or was not written by PyTorch; download or save '
            f'it again. ({reason[0][:200]})'
        )
    return f'{source} is not a PyTorch checkpoint; it starts with {head[:16]!r}.'


def _head(path: str) -> bytes:
    with open(path, 'rb') as file:
        return file.read(512)


def _backbone_only(checkpoint: dict) -> dict:
    weights = checkpoint.get('state_dict', checkpoint)
    prefix = 'backbone.'
    return dict(
        state_dict=OrderedDict(
            (name.removeprefix(prefix), value)
            for name, value in weights.items()
            if name.startswith(prefix)
        )
    )


def _weights(state_dict: dict, source: str) -> OrderedDict:
    state_dict = state_dict.get('state_dict', state_dict)
    if not any(isinstance(value, torch.Tensor) for value in state_dict.values()):
        keys = ', '.join(map(str, list(state_dict)[:10])) or 'nothing'
        raise CheckpointError(
            f'{source} holds no weights (it has {keys}); weights are expected at the top level or '
            "under 'state_dict'."
        )
    weights = OrderedDict((key.removeprefix('module.'), v) for key, v in state_dict.items())
    weights._metadata = getattr(state_dict, '_metadata', OrderedDict())
    return weights


def _load(model: nn.Module, weights: OrderedDict) -> LoadReport:
    report = LoadReport([], [], {})

    def note(_: nn.Module, keys: Any) -> None:
        # Counters of batch norm are absent from files older than PyTorch 0.4.1.
        report.missing.extend(k for k in keys.missing_keys if 'num_batches_tracked' not in k)
        report.unexpected.extend(keys.unexpected_keys)

    handle = model.register_load_state_dict_post_hook(note)
    try:
        model.load_state_dict(weights, strict=False)
    except RuntimeError as error:
        report.misshapen.update(
            {
                name: f'{there} but {here} in the model'
                for name, there, here in _MISSHAPEN.findall(str(error))
            }
        )
        if not report.misshapen:
            raise
    finally:
        handle.remove()
    return report


def _describe(report: LoadReport) -> str:
    def group(title: str, names: Iterable[str]) -> list[str]:
        names = list(names)
        more = ', ...' if len(names) > 10 else ''
        return [f'  {len(names)} {title}: {", ".join(names[:10])}{more}'] if names else []

    shapes = (f'{name} ({shapes})' for name, shapes in report.misshapen.items())
    return '\n'.join(
        group('missing', report.missing)
        + group('unexpected', report.unexpected)
        + group('of another shape', shapes)
    )
