"""Training loops that can be left and entered anywhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mmengine.dataset import InfiniteSampler
from mmengine.dist import get_rank, get_world_size
from mmengine.runner import EpochBasedTrainLoop as _EpochBasedTrainLoop
from mmengine.runner import IterBasedTrainLoop as _IterBasedTrainLoop
from torch import nn
from torch.utils.data import DataLoader

from mmpose.registry import LOOPS

from .random_state import random_state, set_random_state
from .train_state import gather_process_states, restore_process_state
from .training_batches import training_batches


class ResumableLoop:
    """What loops over epochs and over iterations have in common: going on from a checkpoint.

    A pass goes once through the data. Its place is the number of its batches that were trained on;
    a checkpoint has it together with all that :meth:`train_state` lists. A training that is
    resumed leaves those batches out without loading them. Random numbers in data loading follow
    from the seed, the process and the iteration, whichever worker loads a batch.
    """

    _resumed: Mapping[str, Any] | None = None  # until the pass that a checkpoint is of goes on
    _pass = 0
    _pass_began = 0  # the iteration
    _random_at_start: dict | None = None
    _random_in_training: dict | None = None  # while validating

    def train_state(self, meta: Mapping[str, int]) -> dict[str, Any] | None:
        """What to save; in other processes than the first ``None``. All have to call it.

        Args:
            meta: The ``epoch`` and ``iter`` of the checkpoint.
        """
        place = self._place_of(meta)
        now = self._random_in_training or random_state()
        states = gather_process_states(
            self.runner.model,
            self.runner.optim_wrapper,
            dict(random=now, random_at_start=self._random_at_start if place else now),
        )
        if states is None:
            return None
        return {
            **self._sharing(),
            'pass': self._pass,
            'place': place,
            'validated': self._random_in_training is not None,
            'sampler_seed': getattr(_sampler(self.dataloader), 'seed', None),
            'processes': states,
        }

    def resume_from(self, train_state: Mapping[str, Any] | None) -> None:
        """Say how to go on when the loop runs.

        Args:
            train_state: From :meth:`train_state`; ``None``: from a checkpoint without it.
        """
        self._resumed = train_state

    def _restore(self) -> None:
        """Take up the state of this process, and validate if that was still to come."""
        resumed = self._resumed
        if resumed is None:
            return
        now = self._sharing()
        if any(resumed[key] != now[key] for key in now):
            self.runner.logger.warning(
                f'The checkpoint is of {resumed["world_size"]} process(es) with batches of '
                f'{resumed["batch_size"]}, and now there are {now["world_size"]} with batches of '
                f'{now["batch_size"]}. The counts of epochs and iterations go on, and about as '
                'much of the data as was seen in this pass is left out; the result will differ '
                'from that of a training without interruption.'
            )
        self._pass = resumed['pass']
        self._pass_began = self._iter - self._place_now(resumed)
        if own := self._own_state():
            restore_process_state(self.runner.model, own)
            self._random_at_start = own['random_at_start']
            set_random_state(own['random'])
        if not resumed['validated'] and self._between_validations(resumed['place']):
            self._validate_if_due()

    def _own_state(self) -> Mapping[str, Any] | None:
        """That of this process, as long as it is to be taken up."""
        processes = [] if self._resumed is None else self._resumed['processes']
        return processes[get_rank()] if len(processes) == get_world_size() else None

    def _start_pass(self) -> None:
        """Note the random state that the pass begins with, before anything is drawn."""
        if own := self._own_state():
            set_random_state(own['random_at_start'])
        self._random_at_start = random_state()

    def _rest_of_pass(self) -> Iterator[tuple[int, Any]]:
        """The batches of this pass that were not trained on, with their numbers in it."""
        resumed, own = self._resumed, self._own_state()
        self._resumed = None
        batches = training_batches(self.dataloader, self.runner.seed)
        place = 0
        if resumed is not None:
            if batches is not None:
                place = self._place_now(resumed)
            elif resumed['place']:
                self.runner.logger.warning('The data have no order, so this pass begins anew.')
            if resumed['sampler_seed'] is not None:
                _sampler(self.dataloader).seed = resumed['sampler_seed']
        if batches is not None:
            batches.start_at(place, self._iter)
        self._pass_began = self._iter - place
        iterator = iter(self.dataloader)
        if own is not None:
            set_random_state(own['random'])
        return enumerate(iterator, place)

    def _place_now(self, resumed: Mapping[str, Any]) -> int:
        """The place after as many samples as there were, if processes or batches are others."""
        samples = resumed['place'] * resumed['world_size'] * (resumed['batch_size'] or 1)
        now = self._sharing()
        return samples // (now['world_size'] * (now['batch_size'] or 1))

    def _sharing(self) -> dict[str, int | None]:
        """Into what portions the data are shared out."""
        batch_size = getattr(self.dataloader.batch_sampler, 'batch_size', None)
        return dict(world_size=get_world_size(), batch_size=batch_size)

    def _validate_if_due(self) -> None:
        self._decide_current_val_interval()
        count, last = self._progress()
        loop = self.runner.val_loop
        if loop is None or count < self.val_begin or (count % self.val_interval and count != last):
            return
        # Loaders and metrics may draw random numbers; the training does not notice.
        self._random_in_training = random_state()
        loop.run()
        set_random_state(self._random_in_training)
        self._random_in_training = None

    def _place_of(self, meta: Mapping[str, int]) -> int:
        """How many batches of the current pass a checkpoint has behind it."""
        return meta['iter'] - self._pass_began

    def _between_validations(self, place: int) -> bool:
        """Whether a validation belongs to this place, if one is due at this count."""
        raise NotImplementedError

    def _progress(self) -> tuple[int, int]:
        """What validations are counted by, and its last."""
        raise NotImplementedError


@LOOPS.register_module()
class EpochBasedTrainLoop(ResumableLoop, _EpochBasedTrainLoop):
    """MMEngine's loop over epochs, which a checkpoint may leave in the middle of one.

    The parameters are those of :class:`mmengine.runner.EpochBasedTrainLoop`.
    """

    def run(self) -> nn.Module:
        """The model after all epochs."""
        self.runner.call_hook('before_train')
        self._restore()
        while self._epoch < self._max_epochs and not self.stop_training:
            self.run_epoch()
            self._validate_if_due()
        self.runner.call_hook('after_train')
        return self.runner.model

    def run_epoch(self) -> None:
        """Train on the data once, or on what is left of them."""
        self._start_pass()
        self.runner.call_hook('before_train_epoch')
        self.runner.model.train()
        for number, data_batch in self._rest_of_pass():
            self.run_iter(number, data_batch)
        self.runner.call_hook('after_train_epoch')
        self._epoch += 1
        self._pass_began = self._iter

    def _place_of(self, meta: Mapping[str, int]) -> int:
        # when an epoch is complete, its checkpoint already says the next
        return super()._place_of(meta) if meta['epoch'] == self._epoch else 0

    def _between_validations(self, place: int) -> bool:
        return place == 0 and self._epoch > 0

    def _progress(self) -> tuple[int, int]:
        return self._epoch, self._max_epochs


@LOOPS.register_module()
class IterBasedTrainLoop(ResumableLoop, _IterBasedTrainLoop):
    """MMEngine's loop over iterations, which goes on with the samples that would have come.

    The parameters are those of :class:`mmengine.runner.IterBasedTrainLoop`; with
    ``fast_forward_on_resume=True`` a training that is resumed begins with the first samples again.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.dataloader_iterator = self._endless_batches()

    def run(self) -> nn.Module:
        """The model after all iterations."""
        self.runner.call_hook('before_train')
        self._restore()
        self._start_pass()
        self.runner.call_hook('before_train_epoch')
        while self._iter < self._max_iters and not self.stop_training:
            self.runner.model.train()
            self.run_iter(next(self.dataloader_iterator))
            self._validate_if_due()
        self.runner.call_hook('after_train_epoch')
        self.runner.call_hook('after_train')
        return self.runner.model

    def _restore(self) -> None:
        if self._resumed is None and self._iter:
            self._resumed = self._state_by_iterations()
        if self.fast_forward_on_resume and self._resumed is not None:
            self._resumed = {**self._resumed, 'pass': 0, 'place': 0}
        super()._restore()

    def _state_by_iterations(self) -> dict[str, Any]:
        """Where a training is of which only the iterations are known, as from MMEngine."""
        endless = isinstance(_sampler(self.dataloader), InfiniteSampler)
        known = dict(validated=True, sampler_seed=None, processes=[], **self._sharing())
        if endless:
            return {'pass': 0, 'place': self._iter, **known}
        passes, place = divmod(self._iter, len(self.dataloader))
        return {'pass': passes, 'place': place, **known}

    def _endless_batches(self) -> Iterator[Any]:
        if len(self.dataloader) == 0:
            raise ValueError(
                'train_dataloader has no batches: there are fewer samples than batch_size, and '
                'drop_last leaves them out; set a smaller batch_size.'
            )
        while True:
            sampler = _sampler(self.dataloader)
            if self._pass and hasattr(sampler, 'set_epoch'):
                sampler.set_epoch(self._pass)
            for _, data_batch in self._rest_of_pass():
                yield data_batch
            self._pass += 1
            self._start_pass()

    def _between_validations(self, place: int) -> bool:
        return self._iter > 0

    def _progress(self) -> tuple[int, int]:
        return self._iter, self._max_iters


def _sampler(loader: DataLoader) -> Any:
    """What says in which order the samples come."""
    return getattr(loader.batch_sampler, 'sampler', loader.sampler)
