"""``mmpose serve``: a web page and an HTTP interface for a model."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from .errors import ConfigError, warn
from .infer import add_model_arguments, build_inferencer

if TYPE_CHECKING:
    import numpy as np

    from mmpose.apis import MMPoseInferencer
    from mmpose.results import PoseResults
    from mmpose.serve import Limits
    from mmpose.serve.worker import Predictor

# option and what it limits
_LIMITS = dict(
    max_mb='megabytes of an upload',
    max_megapixels='million pixels of a picture or frame',
    max_seconds='seconds for a picture',
    max_frames='frames of a video',
    max_video_seconds='seconds for a video',
    max_requests='requests at the same time',
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of this command."""
    from mmpose.serve.limits import Limits

    add_model_arguments(parser)
    parser.add_argument(
        '--host', default='127.0.0.1', help='address to listen at (default: this machine alone)'
    )
    parser.add_argument(
        '--port', type=int, default=8000, help='port to listen at; 0: any (default: 8000)'
    )
    parser.add_argument(
        '--allow-host',
        action='append',
        default=[],
        metavar='NAME',
        help='a further name under which it is reached, as behind a proxy; can be repeated',
    )
    for name, meaning in _LIMITS.items():
        default = getattr(Limits, name)
        parser.add_argument(
            f'--{name.replace("_", "-")}',
            type=type(default) if name in ('max_frames', 'max_requests') else float,
            default=default,
            metavar='N',
            help=f'most {meaning} (default: {default})',
        )


def run(args: argparse.Namespace) -> None:
    """Load the model and serve it until Ctrl-C."""
    from mmpose.results import MissingPackageError
    from mmpose.serve.launch import listen, require_packages, serve
    from mmpose.serve.security import is_loopback

    limits = _limits(args)
    if not 0 <= args.port <= 65535:
        raise ConfigError(f'--port is {args.port}; give 0 to 65535.')
    try:
        require_packages()
    except MissingPackageError as error:
        raise ConfigError(str(error)) from error
    # before the model, which takes long to load
    with listen(args.host, args.port) as listener:
        if not is_loopback(listener.getsockname()[0]):
            warn(
                f'--host {args.host}: everyone who reaches this machine can use the server; it '
                'has no password and no encryption. Browsers open cameras only for https and for '
                'this machine itself.'
            )
        serve(
            load_model(args),
            args.model.removesuffix('.py').replace('\\', '/').rpartition('/')[2],
            limits=limits,
            allow_hosts=args.allow_host,
            listener=listener,
        )


def load_model(args: argparse.Namespace) -> Predictor:
    """The model that the arguments name; a picture without people gets no pose."""
    return _SkipsEmpty(build_inferencer(args))


class _SkipsEmpty:
    """An inferencer that does not take empty pictures for a person."""

    def __init__(self, inferencer: MMPoseInferencer) -> None:
        self._inferencer = inferencer

    def predict(self, inputs: list[np.ndarray], **options: Any) -> PoseResults:
        """The poses in each picture; see :class:`~mmpose.serve.worker.Predictor`."""
        return self._inferencer.predict(inputs, on_empty='skip', **options)


def _limits(args: argparse.Namespace) -> Limits:
    from mmpose.serve import Limits

    try:
        return Limits(**{name: getattr(args, name) for name in _LIMITS})
    except ValueError as error:
        name, _, rest = str(error).partition(' ')
        raise ConfigError(f'--{name.replace("_", "-")} {rest}') from error
