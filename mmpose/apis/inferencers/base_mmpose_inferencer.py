"""The course of an inference call, from pictures to results."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from difflib import get_close_matches
from itertools import islice
from os import PathLike
from typing import Any, NamedTuple

import numpy as np
from mmengine.config import Config, ConfigDict
from mmengine.dataset import pseudo_collate
from mmengine.infer import BaseInferencer
from mmengine.logging import print_log
from mmengine.registry import init_default_scope
from mmengine.structures import InstanceData
from torch import nn

from mmpose.apis.inference import init_model, input_pipeline
from mmpose.apis.input_pipeline import InputPipeline, as_boxes
from mmpose.registry import VISUALIZERS
from mmpose.results import PoseResult, PoseResults, score_range_of
from mmpose.structures import PoseDataSample, merge_data_samples, split_instances
from mmpose.utils.config_reading import read_config
from mmpose.visualization import PoseLocalVisualizer
from mmpose.visualization.opencv_backend_visualizer import require_display

from .utils.get_model_alias import find_model
from .utils.overlap import made_ahead
from .utils.pictures import Inputs, Picture, Pictures
from .utils.result_writer import ResultWriter
from .utils.stream_options import DEFAULT_OPTIONS, StreamOptions
from .utils.track_frames import FrameTracks


class PreparedPicture(NamedTuple):
    """A picture whose model inputs are made.

    Attributes:
        picture: The picture.
        img: (H, W, 3) BGR, its pixels.
        num_inputs: How many model inputs it has.
    """

    picture: Picture
    img: np.ndarray
    num_inputs: int


class Prediction(NamedTuple):
    """What became of a picture.

    Attributes:
        prepared: The picture.
        samples: Its predictions.
        drawings: (H, W, 3) uint8 RGB; none if none was wanted.
    """

    prepared: PreparedPicture
    samples: list[PoseDataSample]
    drawings: list[np.ndarray]


class BaseMMPoseInferencer(BaseInferencer):
    """Runs a model on pictures, in forward passes of a fixed size, and draws and writes results.

    Pictures are read, made into model inputs and predicted on by threads that are a few pictures
    ahead of whoever takes the results, who draws and writes.

    A subclass says in :meth:`preprocess_batch` or :meth:`preprocess_single` what the model inputs
    of pictures are, and in :meth:`merge` how the predictions of a picture are put together.

    Args:
        model: A model's name or alias, a config, or the path of one.
        weights: A checkpoint, a path or URL; ``None`` takes that of the model index.
        device: Where the model runs; ``None`` takes an accelerator if there is one.
        scope: The default scope of the registries.
        show_progress: Whether to show a progress bar.
        trust_checkpoint: Whether the checkpoint may run code when it is read.
    """

    def __init__(
        self,
        model: str | PathLike | Config | dict,
        weights: str | None = None,
        device: str | None = None,
        scope: str | None = 'mmpose',
        show_progress: bool = False,
        trust_checkpoint: bool = False,
    ) -> None:
        if model is None:
            raise ValueError(
                'No model is given; give the name of one, a config or the path of a config. The '
                'config text within a checkpoint is code and is not run.'
            )
        init_default_scope(scope or 'mmpose')
        self._trust_checkpoint = trust_checkpoint
        model = str(model) if isinstance(model, PathLike) else model
        if isinstance(model, str) and os.path.isfile(model):
            model = read_config(model)
        super().__init__(model, weights, device, scope, show_progress)
        self._told_of_flip_test = False
        self._flip_test = (self.model.test_cfg or {}).get('flip_test', False)

    def __call__(
        self,
        inputs: Inputs,
        return_datasamples: bool = False,
        batch_size: int = 1,
        out_dir: str | None = None,
        **kwargs: Any,
    ) -> Iterator[dict[str, list]]:
        """The results of each picture in turn, computed as they are asked for.

        Args:
            inputs: A picture file, a folder of pictures, a video file, ``'webcam:0'``, an
                (H, W, 3) uint8 BGR array, a list of these, or an iterator of pictures.
            return_datasamples: Whether predictions are :class:`PoseDataSample` instead of lists
                with a dict for each instance.
            batch_size: Pictures whose model inputs (all their crops) share a forward pass. It
                changes the speed and the memory needed, not the predictions.
            out_dir: Folder for drawings and predictions, in ``visualizations`` and
                ``predictions``.
            **kwargs: Options of :meth:`preprocess_single`, :meth:`merge`, :meth:`visualize` and
                :meth:`postprocess`, and those of :class:`~.utils.stream_options.StreamOptions`;
                ``vis_out_dir`` and ``pred_out_dir`` are folders for one sort of results.

        Returns:
            An iterator of ``{'visualization': [(H, W, 3) RGB], 'predictions': [...]}``; without
            ``return_vis`` the first list is empty.

        Raises:
            FileNotFoundError: There is no such input.
            PermissionError: A folder for results cannot be written to.
            TypeError: An input is of another type.
            ValueError: An input is malformed, or an option is unknown.
            RuntimeError: ``show`` without a display, or there is no such camera.
        """
        wants_drawing = kwargs.get('return_vis', False)
        return_datasamples |= kwargs.get('return_datasample', False)
        predictions = self._start(inputs, batch_size, out_dir, kwargs)

        def results() -> Iterator[dict[str, list]]:
            for _, samples, drawings in predictions:
                result = self.postprocess(samples, drawings, return_datasamples)
                yield result if wants_drawing else {**result, 'visualization': []}

        return results()

    def stream(
        self, inputs: Inputs, batch_size: int = 1, out_dir: str | None = None, **kwargs: Any
    ) -> Iterator[PoseResult]:
        """The results of each picture in turn as objects, computed as they are asked for.

        Args:
            inputs: As in :meth:`__call__`.
            batch_size: See there.
            out_dir: See there.
            **kwargs: See there.

        Raises:
            Exception: As :meth:`__call__`.
        """
        predictions = self._start(inputs, batch_size, out_dir, kwargs)
        score_range = score_range_of(getattr(getattr(self.model, 'head', None), 'decoder', None))
        meta = self.model.dataset_meta
        return (self._as_result(p, meta, score_range) for p in predictions)

    def predict(
        self, inputs: Inputs, batch_size: int = 1, out_dir: str | None = None, **kwargs: Any
    ) -> PoseResults:
        """The results of all pictures, to be looked at and exported.

        Args:
            inputs: As in :meth:`__call__`.
            batch_size: See there.
            out_dir: See there.
            **kwargs: See there.

        Raises:
            Exception: As :meth:`__call__`.
        """
        return PoseResults(self.stream(inputs, batch_size, out_dir, **kwargs))

    @staticmethod
    def _as_result(
        prediction: Prediction, meta: dict | None, score_range: tuple[float, float]
    ) -> PoseResult:
        (picture, _, _), samples, _ = prediction
        sample = samples[0] if len(samples) == 1 else merge_data_samples(samples)
        source = picture.video or (
            picture.name if isinstance(picture.source, np.ndarray) else picture.source
        )
        return PoseResult.from_sample(
            sample, meta, source, picture.frame, picture.seconds, score_range
        )

    def _start(
        self, inputs: Inputs, batch_size: int, out_dir: str | None, kwargs: dict
    ) -> Iterator[Prediction]:
        """The predictions for each picture; what can be checked is checked before the first."""
        kwargs = dict(kwargs)
        self._check_options(kwargs)
        options = StreamOptions.taken_from(kwargs)
        preprocess, forward, visualize, postprocess = self._dispatch_kwargs(**kwargs)
        if batch_size < 1:
            raise ValueError(f'batch_size is {batch_size}; it has to be at least 1.')
        if visualize.get('show'):
            require_display()
        vis_out_dir = visualize.pop('vis_out_dir', '') or (out_dir and f'{out_dir}/visualizations')
        pred_out_dir = postprocess.pop('pred_out_dir', '') or (out_dir and f'{out_dir}/predictions')
        pictures = self._inputs_to_list(inputs)
        writer = ResultWriter(vis_out_dir, pred_out_dir)
        predicted = self._predict(pictures, batch_size, preprocess, forward, visualize, options)
        return self._draw_and_write(predicted, writer, visualize)

    def _predict(
        self,
        pictures: Pictures,
        batch_size: int,
        preprocess: dict,
        forward: dict,
        visualize: dict,
        options: StreamOptions = DEFAULT_OPTIONS,
    ) -> Iterator[tuple[PreparedPicture, list[PoseDataSample]]]:
        """Each picture with its predictions."""
        self.update_model_visualizer_settings(**visualize)
        if self.model.test_cfg is not None:
            self.model.test_cfg['flip_test'] = self._is_flipped(options.flip_test)
        if options.tracks:
            predicted = self._tracked(pictures, batch_size, preprocess, forward, options)
        else:
            predicted = self._batches(pictures, batch_size, preprocess, forward, options)
        return made_ahead(predicted, batch_size)

    def _batches(
        self,
        pictures: Pictures,
        batch_size: int,
        preprocess: dict,
        forward: dict,
        options: StreamOptions,
    ) -> Iterator[tuple[PreparedPicture, list[PoseDataSample]]]:
        batches = self.preprocess(pictures, batch_size, on_empty=options.on_empty, **preprocess)
        for batch, pictures_of_it in made_ahead(batches):
            predicted = iter([] if batch is None else BaseInferencer.forward(self, batch))
            for prepared in pictures_of_it:
                samples = list(islice(predicted, prepared.num_inputs))
                samples = samples or [self._empty_sample(prepared)]
                yield prepared, self.merge(samples, **forward)

    def _tracked(
        self,
        pictures: Pictures,
        batch_size: int,
        preprocess: dict,
        forward: dict,
        options: StreamOptions,
    ) -> Iterator[tuple[PreparedPicture, list[PoseDataSample]]]:
        """As :meth:`_batches`, with ids and smooth keypoints."""
        bbox_thr = preprocess.get('bbox_thr', 0.3)
        tracks = FrameTracks(options, self.model.dataset_meta, bbox_thr)
        # boxes that are not sure enough to be shown can still go on with a track
        preprocess = {**preprocess, 'bbox_thr': min(bbox_thr, tracks.low_thr)}
        forward = {**forward, 'merge_results': True} if 'merge_results' in forward else forward
        if options.det_every == 1:
            for prepared, (sample,) in self._batches(
                pictures, batch_size, preprocess, forward, options
            ):
                tracks.start_frame(prepared.picture)
                tracks.apply(sample, prepared.picture)
                yield prepared, [sample]
            return
        # the boxes of a frame depend on the poses of the one before
        for index, (picture, loaded) in enumerate(self._read(pictures)):
            detected = tracks.start_frame(picture)
            choice = {} if detected else dict(bboxes=tracks.expected_boxes())
            (inputs,) = self.preprocess_batch(
                [loaded], [index], on_empty=options.on_empty, **{**preprocess, **choice}
            )
            prepared = PreparedPicture(picture, loaded['img'], len(inputs))
            samples = BaseInferencer.forward(self, self.collate_fn(inputs)) if inputs else []
            (sample,) = self.merge(samples or [self._empty_sample(prepared)], **forward)
            tracks.apply(sample, picture, detected)
            yield prepared, [sample]

    def _draw_and_write(
        self,
        predicted: Iterator[tuple[PreparedPicture, list[PoseDataSample]]],
        writer: ResultWriter,
        visualize: dict,
    ) -> Iterator[Prediction]:
        wants_drawing = visualize.get('return_vis', False) or writer.draws
        options = {**visualize, 'return_vis': wants_drawing}
        with writer:
            for prepared, samples in predicted:
                picture, img, _ = prepared
                whole = samples if len(samples) == 1 else [merge_data_samples(samples)]
                drawings = self.visualize([img], whole, name=picture.name, **options)
                if writer.writes:
                    instances = [one for s in samples for one in self._to_dicts(s)]
                    writer.write(picture, drawings[0] if drawings else None, instances)
                yield Prediction(prepared, samples, drawings)

    def _read(self, pictures: Pictures, ahead: int = 2) -> Iterator[tuple[Picture, dict]]:
        """Each picture with what the pipeline loads of it."""
        loaded = ((picture, self.pipeline.load(picture.source)) for picture in pictures)
        return self._with_progress(made_ahead(loaded, ahead), pictures.count)

    def preprocess(
        self,
        inputs: Inputs | Pictures,
        batch_size: int = 1,
        bboxes: Sequence | np.ndarray | None = None,
        on_empty: str = 'whole_image',
        **kwargs: Any,
    ) -> Iterator[tuple[Any, list[PreparedPicture]]]:
        """Batches of model inputs, each with all those of some pictures.

        Args:
            inputs: As in :meth:`__call__`.
            batch_size: Pictures per batch.
            bboxes: Boxes for every picture, or a list of boxes for each.
            on_empty: See :meth:`preprocess_batch`.
            **kwargs: Options of :meth:`preprocess_single`.

        Yields:
            A batch (``None`` if the pictures have no instances) and its pictures.
        """
        pictures = self._inputs_to_list(inputs)
        check_number_of_boxes(bboxes, pictures.count)
        numbered = enumerate(self._read(pictures, batch_size + 1))
        while group := list(islice(numbered, batch_size)):
            loaded = [sample for _, (_, sample) in group]
            indices = [index for index, _ in group]
            made = self.preprocess_batch(
                loaded, indices, bboxes=bboxes, on_empty=on_empty, **kwargs
            )
            prepared = [
                PreparedPicture(picture, sample['img'], len(model_inputs))
                for (_, (picture, sample)), model_inputs in zip(group, made, strict=True)
            ]
            queue = [one for model_inputs in made for one in model_inputs]
            yield self.collate_fn(queue) if queue else None, prepared

    def preprocess_batch(
        self,
        loaded: Sequence[dict],
        indices: Sequence[int],
        bboxes: Sequence | np.ndarray | None = None,
        on_empty: str = 'whole_image',
        **kwargs: Any,
    ) -> list[list[dict]]:
        """The model inputs of each of some pictures.

        Args:
            loaded: The pictures, from :meth:`InputPipeline.load`.
            indices: Which ones of the call they are.
            bboxes: Boxes for every picture, or a list of boxes for each of the call's.
            on_empty: What to do where a detector finds nothing.
            **kwargs: Options of :meth:`preprocess_single`.
        """
        boxes_of = boxes_by_picture(bboxes)
        return [
            self.preprocess_single(sample, index=index, bboxes=boxes_of(index), **kwargs)
            for sample, index in zip(loaded, indices, strict=True)
        ]

    def preprocess_single(
        self,
        input: dict,
        index: int,
        bbox_thr: float = 0.3,
        nms_thr: float = 0.3,
        bboxes: Sequence | np.ndarray = [],
    ) -> list[dict]:
        """The model inputs of one picture.

        Args:
            input: The picture, from :meth:`InputPipeline.load`.
            index: Which picture of the call it is.
            bbox_thr: Detected boxes that do not score higher are left out.
            nms_thr: Of detected boxes that overlap more, the best is kept.
            bboxes: (N, 4) xyxy or (N, 5) with scores; an empty list leaves it to the detector.
        """
        raise NotImplementedError

    def merge(self, samples: list[PoseDataSample], **kwargs: Any) -> list[PoseDataSample]:
        """The predictions of one picture, put together from those of its model inputs."""
        raise NotImplementedError

    def visualize(
        self,
        inputs: Sequence[np.ndarray],
        preds: list[PoseDataSample],
        return_vis: bool = False,
        show: bool = False,
        wait_time: float = 0,
        draw_bbox: bool = False,
        draw_heatmap: bool = False,
        radius: float = 3,
        thickness: float = 1,
        kpt_thr: float = 0.3,
        skeleton_style: str = 'mmpose',
        black_background: bool = False,
        name: str = '',
        **kwargs: Any,
    ) -> list[np.ndarray]:
        """Drawings of predictions, (H, W, 3) uint8 RGB; none if they are not wanted.

        Args:
            inputs: (H, W, 3) BGR pictures.
            preds: The predictions of each.
            return_vis: Whether the drawings are wanted.
            show: Whether to show them in a window.
            wait_time: Seconds that the window waits; 0 waits for a key.
            draw_bbox: Whether to draw boxes.
            draw_heatmap: Whether to draw heatmaps, below the picture.
            radius: Of keypoints, in pixels.
            thickness: Of links, in pixels.
            kpt_thr: Keypoints with a lower score are left out.
            skeleton_style: ``'mmpose'`` or ``'openpose'``.
            black_background: Whether to draw on black instead of on the picture.
            name: The window's title.
            **kwargs: Passed over.
        """
        if not return_vis and not show:
            return []
        self.visualizer.radius = radius
        self.visualizer.line_width = thickness
        drawings = []
        for img, sample in zip(inputs, preds, strict=True):
            rgb = img[..., ::-1].astype(np.uint8)
            drawings.append(
                self.visualizer.add_datasample(
                    name,
                    np.zeros_like(rgb) if black_background else rgb,
                    sample,
                    draw_gt=False,
                    draw_bbox=draw_bbox,
                    draw_heatmap=draw_heatmap,
                    skeleton_style=skeleton_style,
                    show=show,
                    wait_time=wait_time,
                    kpt_thr=kpt_thr,
                )
            )
        return drawings

    def postprocess(
        self,
        preds: list[PoseDataSample],
        visualization: list[np.ndarray],
        return_datasample: bool = False,
        **kwargs: Any,
    ) -> dict[str, list]:
        """The result of one picture.

        Args:
            preds: Its predictions.
            visualization: Its drawings.
            return_datasample: Whether to keep predictions as they are.
            **kwargs: Passed over.
        """
        predictions = preds if return_datasample else [self._to_dicts(sample) for sample in preds]
        return dict(visualization=visualization, predictions=predictions)

    def update_model_visualizer_settings(
        self, draw_heatmap: bool = False, skeleton_style: str = 'mmpose', **kwargs: Any
    ) -> None:
        """Prepare the model and the visualizer for the drawings that are wanted.

        Args:
            draw_heatmap: Whether the model has to return heatmaps.
            skeleton_style: ``'mmpose'`` or ``'openpose'``.
            **kwargs: Passed over.
        """

    @staticmethod
    def _to_dicts(sample: PoseDataSample) -> list[dict]:
        return split_instances(sample.get('pred_instances'))

    def _is_flipped(self, wanted: bool | None) -> bool:
        """Whether inputs are run mirrored as well; what the config decides is told once."""
        if wanted is not None or not self._flip_test:
            return bool(wanted)
        # the notice of a model whose keypoints are not known says that there are no mirrors
        is_known = bool(self.model.dataset_meta)
        if is_known and not self._told_of_flip_test:
            self._told_of_flip_test = True
            print_log(
                'flip_test is on, as the config has it: each input is run mirrored as well. '
                'flip_test=False takes half the time and is a little less exact.',
                logger='current',
            )
        return is_known

    def _with_progress(self, items: Iterator, total: int | None) -> Iterator:
        if not self.show_progress:
            return items
        from rich.progress import track

        return iter(track(items, description='Inference', total=total))

    def _empty_sample(self, prepared: PreparedPicture) -> PoseDataSample:
        """The prediction for a picture without instances."""
        K = (self.model.dataset_meta or {}).get('num_keypoints', 0)
        shape = prepared.img.shape[:2]
        sample = PoseDataSample(metainfo=dict(ori_shape=shape, img_shape=shape))
        sample.pred_instances = InstanceData(
            keypoints=np.empty((0, K, 2), dtype=np.float32),
            keypoint_scores=np.empty((0, K), dtype=np.float32),
            bboxes=np.empty((0, 4), dtype=np.float32),
            bbox_scores=np.empty(0, dtype=np.float32),
        )
        return sample

    @classmethod
    def options(cls) -> set[str]:
        """The names of all options of a call."""
        return (
            cls.preprocess_kwargs | cls.forward_kwargs | cls.visualize_kwargs
            | cls.postprocess_kwargs | StreamOptions.names()
        )  # fmt: skip

    def _check_options(self, kwargs: dict) -> None:
        known = self.options()
        if unknown := sorted(set(kwargs) - known):
            near = [m for name in unknown for m in get_close_matches(name, known, n=1)]
            hint = f' Did you mean {", ".join(near)}?' if near else ''
            raise ValueError(f'Unknown options {unknown}.{hint} There are {sorted(known)}.')

    def _inputs_to_list(self, inputs: Inputs | Pictures) -> Pictures:
        return inputs if isinstance(inputs, Pictures) else Pictures(inputs)

    def _load_model_from_metafile(self, model: str) -> tuple[Config, str | None]:
        config, weights = find_model(model)
        return read_config(config), weights

    def _init_model(
        self, cfg: Config | ConfigDict, weights: str | None, device: str = 'cpu'
    ) -> nn.Module:
        if weights is None:
            print_log(
                'No weights are given: the model is untrained, and its predictions mean nothing.',
                logger='current',
                level=logging.WARNING,
            )
        cfg = cfg if isinstance(cfg, Config) else Config(cfg)
        return init_model(cfg, weights, device, trust_checkpoint=self._trust_checkpoint)

    def _init_pipeline(self, cfg: Config | ConfigDict) -> InputPipeline:
        return input_pipeline(self.model)

    def _init_collate(self, cfg: Config | ConfigDict) -> Callable:
        configured = 'collate_fn' in cfg.test_dataloader
        return super()._init_collate(cfg) if configured else pseudo_collate

    def _init_visualizer(self, cfg: Config | ConfigDict) -> PoseLocalVisualizer:
        # not `build`, which would make it the current instance of the whole program
        options = {**(cfg.get('visualizer') or {}), 'vis_backends': None}
        options.pop('_scope_', None)  # MMEngine's mark of a config from `_base_ = 'mmpose::...'`
        kind = options.pop('type', 'PoseLocalVisualizer')
        visualizer = (VISUALIZERS.get(kind) if isinstance(kind, str) else kind)(**options)
        visualizer.set_dataset_meta(self.model.dataset_meta)
        return visualizer


def boxes_by_picture(
    bboxes: Sequence | np.ndarray | None,
) -> Callable[[int], Sequence | np.ndarray]:
    """A function from a picture's index to its boxes; an empty list where none are given.

    Args:
        bboxes: (N, 4) or (N, 5) for every picture, or a list of such for each, in which ``None``
            leaves a picture to the detector; or none.
    """
    if bboxes is None or (isinstance(bboxes, list | tuple) and not bboxes):
        return lambda index: []
    if isinstance(bboxes, np.ndarray) or (np.ndim(bboxes[0]) == 1 and len(bboxes[0])):
        boxes = as_boxes(bboxes)
        return lambda index: boxes
    return lambda index: [] if bboxes[index] is None else as_boxes(bboxes[index])


def check_number_of_boxes(bboxes: Sequence | np.ndarray | None, count: int | None) -> None:
    """Check that lists of boxes for each picture are as many as the pictures.

    Args:
        bboxes: As in :func:`boxes_by_picture`.
        count: How many pictures there are; ``None`` if that is not known.

    Raises:
        ValueError: They are not.
    """
    if bboxes is None or isinstance(bboxes, np.ndarray) or not len(bboxes):
        return
    if np.ndim(bboxes[0]) == 1 and len(bboxes[0]):
        return
    if count is not None and len(bboxes) != count:
        raise ValueError(
            f'bboxes has lists of boxes for {len(bboxes)} pictures, but there are {count}; '
            'give one list for each, or one list of (left, top, right, bottom) for all.'
        )
