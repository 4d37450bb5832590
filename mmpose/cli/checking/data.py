"""The checks of one loader's data, and the facts that they bring."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mmpose.cli.preflight import is_local, loads_images

from .coco_summary import CocoSummary
from .items import ItemSummary, summarise
from .labels import check_file, check_items, check_mirrors, coco_summary_of
from .loading import OpenLoader, make_batch, not_finite, open_loader, run_pipeline, shapes_of
from .pictures import check_pictures
from .report import Report, counted, examples


@dataclass
class Part:
    """A data set that reads labels.

    Attributes:
        dataset: The data set.
        coco: Its annotation file; ``None`` if that has another layout.
        items: Its items.
    """

    dataset: Any
    coco: CocoSummary | None
    items: ItemSummary

    @property
    def sizes(self) -> Mapping:
        """By image id (w, h) as stated, or ``None``."""
        return self.coco.image_sizes if self.coco else {}

    def facts(self) -> dict:
        """What the table shows."""
        return dict(
            dataset=_kind(self.dataset),
            pictures=len(self.items.pictures),
            **{'without instance': self.coco.num_empty_images if self.coco else None},
            instances=self.items.num_instances,
            keypoints=self.dataset.metainfo.get('num_keypoints'),
            dropped=dict(getattr(self.dataset, 'dropped', {})),
            labelled=self.labelled(),
        )

    def labelled(self) -> dict[str, float]:
        """By keypoint the share of instances that have it labelled."""
        if self.items.labelled is None:
            return {}
        names = self.dataset.metainfo.get('keypoint_id2name', {})
        shares = self.items.labelled / self.items.num_labelled
        return {names.get(k, str(k)): round(float(share), 4) for k, share in enumerate(shares)}


@dataclass
class LoaderData:
    """What was read through a loader.

    Attributes:
        opened: The loader.
        parts: Its data sets that read labels.
        unreadable: Paths of pictures that are known to be at fault.
    """

    opened: OpenLoader
    parts: list[Part] = field(default_factory=list)
    unreadable: set[str] = field(default_factory=set)

    @property
    def pictures(self) -> set[str]:
        """The paths of all pictures."""
        return set().union(*(part.items.pictures for part in self.parts))

    def facts(self) -> dict:
        """What the table shows."""
        parts = [part.facts() for part in self.parts]
        empty = [part['without instance'] for part in parts]
        metainfo = getattr(self.opened.dataset, 'metainfo', {})
        return dict(
            dataset=_kind(self.opened.dataset),
            pictures=len(self.pictures) if parts else None,
            **{'without instance': sum(empty) if parts and None not in empty else None},
            instances=sum(part['instances'] for part in parts) if parts else None,
            keypoints=metainfo.get('num_keypoints'),
            dropped=dict(sum((Counter(part['dropped']) for part in parts), Counter())),
            **{'batch size': self.opened.cfg.get('batch_size')},
            batches=self.opened.num_batches,
            shapes=shapes_of(self.opened.packed),
            labelled=parts[0]['labelled'] if len(parts) == 1 else {},
            parts=parts,
        )


def _kind(dataset: Any) -> str:
    """The class of a data set, with how many it joins or how it gives its items."""
    if dataset is None:
        return 'could not be built'
    name = type(dataset).__name__
    if hasattr(dataset, 'datasets'):
        return f'{name} of {len(dataset.datasets)}'
    if hasattr(dataset, 'dataset'):
        return f'{name} of {type(dataset.dataset).__name__}'
    mode = getattr(dataset, 'data_mode', '')
    return f'{name} ({mode})' if mode else name


def check_data(name: str, cfg: Mapping, samples: int, report: Report) -> LoaderData:
    """Check the data of a section, such as 'train_dataloader'.

    Args:
        name: Of the section.
        cfg: The section.
        samples: How many pictures of each data set to decode.
        report: Gets what is wrong.
    """
    opened = open_loader(name, cfg, report)
    data = LoaderData(opened)
    for place, dataset in opened.parts.items():
        with report.part(place):
            part = _check_part(place, dataset, report)
            data.parts.append(part)
            local = {path: i for path, i in part.items.pictures.items() if is_local(path)}
            if loads_images(cfg) and local:
                data.unreadable |= check_pictures(place, local, part.sizes, samples, report)
    if opened.dataset is not None:
        check_mirrors(f'{name}.dataset', opened.dataset.metainfo, report)
    run_pipeline(opened, data.unreadable, report)
    for what, count in not_finite(opened.packed).items():
        report.fault(
            f'{name}.dataset',
            f'{what} has NaN or infinity in {count} of {len(opened.packed)} items tried.',
        )
    make_batch(opened, report)
    return data


def _check_part(place: str, dataset: Any, report: Report) -> Part:
    coco = coco_summary_of(dataset)
    part = Part(dataset, coco, summarise(dataset, coco.image_sizes if coco else None))
    if coco is not None:
        check_file(place, dataset, coco, report)
    check_items(place, dataset, part.items, report)
    return part


def check_overlap(train: LoaderData, other: LoaderData, report: Report) -> None:
    """Remark on pictures that are trained on and evaluated on as well."""
    common = train.pictures & other.pictures
    if common:
        report.remark(
            f'{other.opened.name}.dataset',
            f'{counted(len(common), "picture")} of {len(other.pictures)} also in '
            f'{train.opened.name}: {examples(sorted(common))}',
        )
