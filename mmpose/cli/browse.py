"""``mmpose browse``: the pictures of a data set with their labels."""

from __future__ import annotations

import argparse
import copy
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import ConfigError
from .launch import add_config_arguments, load_config

if TYPE_CHECKING:
    import numpy as np
    from mmengine.config import Config

    from .browsing.drawing import SampleDrawer
    from .stages import PipelineLog

MODES = ('original', 'transformed', 'pipeline')
CARDS = 48  # on a page, unless --number says otherwise: a page holds its pictures


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of this command, those of 1.x among them."""
    add_config_arguments(parser)
    parser.add_argument(
        '--out',
        '--output-dir',
        metavar='DIR|FILE.html',
        help='write a JPEG file per item into this folder, or all of them into one HTML page',
    )
    parser.add_argument(
        '--phase', choices=('train', 'val', 'test'), default='train', help='(default: train)'
    )
    parser.add_argument(
        '--mode',
        choices=MODES,
        default='transformed',
        help='the labelled picture, what the pipeline makes of it, or that after every transform '
        '(default: transformed)',
    )
    parser.add_argument(
        '--number',
        type=int,
        metavar='N',
        help=f'draw N items, chosen at random (default: all in order, on a page {CARDS} at random)',
    )
    parser.add_argument('--seed', type=int, default=0, help='of the choice and of the transforms')
    parser.add_argument(
        '--show', action='store_true', help='show windows; without --out this is the default'
    )
    parser.add_argument('--not-show', action='store_true', help='show no windows')
    parser.add_argument(
        '--show-interval',
        type=float,
        default=2,
        metavar='S',
        help='seconds that each window is shown; 0 waits for a key (default: 2)',
    )


def run(args: argparse.Namespace) -> None:
    """Draw, and say where the pictures are."""
    from .checking.report import counted

    shows = args.show or not (args.not_show or args.out)
    _check_arguments(args, shows)
    cfg = load_config(args)
    dataset = _build_dataset(cfg, args)
    failures: dict[str, list[int]] = {}
    drawer = _drawer(cfg, dataset)
    drawn = _draw_items(dataset, drawer, args, failures)
    if shows:
        drawn = _shown(drawn, drawer, args.show_interval)
    count = _write(drawn, dataset, args)
    print(f'Drawn: {counted(count, "item")}' + (f', in {args.out}' if args.out else ''))
    if failures:
        raise ConfigError(_failure_text(failures, args))


def _check_arguments(args: argparse.Namespace, shows: bool) -> None:
    if args.number is not None and args.number < 1:
        raise ConfigError(f'--number is {args.number}; give 1 or more.')
    if args.not_show and (args.show or not args.out):
        reason = 'contradicts --show' if args.show else 'leaves nothing to do without --out'
        raise ConfigError(f'--not-show {reason}.')
    if shows:
        from mmpose.visualization.opencv_backend_visualizer import require_display

        try:
            require_display()
        except RuntimeError as error:
            raise ConfigError(
                'this machine has no display to show windows on; give --out FOLDER or '
                '--out FILE.html, without --show.'
            ) from error


def _build_dataset(cfg: Config, args: argparse.Namespace) -> Any:
    """The data set of the phase, with all of its pipelines or with what loads its pictures."""
    from mmengine.registry import init_default_scope

    from mmpose.registry import DATASETS

    place = f'{args.phase}_dataloader'
    dataset_cfg = (cfg.get(place) or {}).get('dataset')
    if not dataset_cfg:
        raise ConfigError(f'the config has no {place} with a dataset; choose another --phase.')
    dataset_cfg = copy.deepcopy(dataset_cfg)
    if args.mode == 'original':
        dataset_cfg = _without_transforms(dataset_cfg)
    init_default_scope(cfg.default_scope or 'mmpose')
    try:
        dataset = DATASETS.build(dataset_cfg)
        if hasattr(dataset, 'full_init'):
            dataset.full_init()
    except Exception as error:
        raise ConfigError(
            f'{place}.dataset cannot be built: {type(error).__name__}: {error} '
            '`mmpose check` lists all that is wrong.'
        ) from error
    return dataset


def _without_transforms(cfg: Any) -> Any:
    """The config of a data set whose pipelines, also of those that it wraps, only load."""
    if isinstance(cfg, Mapping):
        return {
            key: [step for step in value or () if 'LoadImage' in str(step.get('type'))]
            if key == 'pipeline'
            else _without_transforms(value)
            for key, value in cfg.items()
        }
    return [_without_transforms(part) for part in cfg] if isinstance(cfg, list) else cfg


def _drawer(cfg: Config, dataset: Any) -> SampleDrawer:
    from .browsing.drawing import SampleDrawer
    from .stages import walk

    metainfos = [getattr(part, 'metainfo', {}) for _, part in walk(dataset)]
    return SampleDrawer(metainfos, cfg.get('visualizer'))


def _draw_items(
    dataset: Any, drawer: SampleDrawer, args: argparse.Namespace, failures: dict[str, list[int]]
) -> Iterator[tuple[int, np.ndarray, dict[str, str]]]:
    """Index, picture and caption of each item; the indices of those that fail by the reason."""
    from mmengine.runner import set_random_seed

    from .browsing.drawing import DRAWN, describe
    from .checking.report import described
    from .stages import watched

    indices = _chosen(len(dataset), args)
    set_random_seed(args.seed)
    with watched(dataset, DRAWN) as log:
        for index in indices:
            log.clear()
            try:
                item = dataset[index]
                if not log.stages:
                    log.start(item)
                picture = _draw(log, drawer, args.mode)
            except Exception as error:
                if args.debug:
                    raise
                reason = f'{log.failed}: ' if log.failed else ''
                failures.setdefault(reason + described(error), []).append(index)
                continue
            yield index, picture, dict(item=str(index), **describe(log.stages[0].sample))


def _chosen(total: int, args: argparse.Namespace) -> list[int]:
    """The indices of the items to draw, in order."""
    import numpy as np

    number = args.number
    if number is None and _is_page(args.out):
        number = CARDS
    if number is None or number >= total:
        return list(range(total))
    return sorted(np.random.default_rng(args.seed).choice(total, number, replace=False).tolist())


def _draw(log: PipelineLog, drawer: SampleDrawer, mode: str) -> np.ndarray:
    if mode == 'pipeline':
        return drawer.strip(log.stages)
    pictured = [stage for stage in log.stages if stage.sample.get('img') is not None]
    labelled = [stage for stage in log.stages if 'keypoints' in stage.sample]
    return drawer.draw((pictured or labelled or log.stages)[-1].sample)


def _is_page(out: str | None) -> bool:
    return out is not None and out.lower().endswith(('.html', '.htm'))


def _shown(
    drawn: Iterator[tuple[int, np.ndarray, dict[str, str]]], drawer: SampleDrawer, interval: float
) -> Iterator[tuple[int, np.ndarray, dict[str, str]]]:
    """The same, each shown in a window on its way."""
    for index, picture, caption in drawn:
        drawer.visualizer.show(picture, win_name='mmpose browse', wait_time=interval)
        yield index, picture, caption


def _write(
    drawn: Iterator[tuple[int, np.ndarray, dict[str, str]]], dataset: Any, args: argparse.Namespace
) -> int:
    """Write the pictures where ``--out`` says; returns how many there are."""
    import mmcv

    from .browsing.page import page

    if _is_page(args.out):
        cards = [(picture, caption) for _, picture, caption in drawn]
        subtitle = (
            f'{args.phase}, {args.mode}: {len(cards)} of {len(dataset)} items of '
            f'{type(dataset).__name__}'
        )
        text = page(Path(args.config).name, subtitle, cards, wide=args.mode == 'pipeline')
        Path(args.out).parent.mkdir(parents=True, exist_ok=True)
        Path(args.out).write_text(text, encoding='utf-8')
        return len(cards)
    count, digits = 0, len(str(len(dataset)))
    for index, picture, caption in drawn:
        count += 1
        if args.out:
            stem = Path(caption.get('file', 'item')).stem
            mmcv.imwrite(picture[..., ::-1], f'{args.out}/{index:0{digits}d}_{stem}.jpg')
    return count


def _failure_text(failures: dict[str, list[int]], args: argparse.Namespace) -> str:
    from .checking.report import examples

    return '\n- '.join(
        [
            f'items of {args.phase}_dataloader.dataset could not be drawn:',
            *(f'{examples(indices)}: {reason}' for reason, indices in failures.items()),
        ]
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run this command as a program of its own; returns the exit status."""
    from .main import main_of

    return main_of('browse', argv)
