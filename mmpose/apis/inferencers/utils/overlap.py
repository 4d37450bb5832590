"""Work of one step of a stream while the next step uses what it made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import TypeVar

T = TypeVar('T')

_POLL_SECONDS = 0.1


def made_ahead(items: Iterable[T], depth: int = 1) -> Iterator[T]:
    """The items in their order, made by another thread that is at most ``depth`` of them ahead.

    The thread starts with the first item that is asked for, and ends when the iterator does, also
    where it is closed before its end; an error comes in the place of the item that it kept from
    being made.

    Args:
        items: What to make; its own generator is closed by the thread.
        depth: How many finished items wait; 0 makes them on demand, without a thread.
    """
    if depth < 1:
        yield from items
        return
    queue: Queue = Queue(maxsize=depth)
    ended = Event()
    worker = Thread(target=_make, args=(items, queue, ended), daemon=True)
    worker.start()
    try:
        while True:
            item, error, is_last = queue.get()
            if error is not None:
                raise error
            if is_last:
                return
            yield item
    finally:
        ended.set()
        _empty(queue)
        worker.join()


def _make(items: Iterable[T], queue: Queue, ended: Event) -> None:
    iterator = iter(items)
    try:
        for item in iterator:
            if not _put(queue, (item, None, False), ended):
                return
        _put(queue, (None, None, True), ended)
    except BaseException as error:  # told to whoever asks for the item
        _put(queue, (None, error, True), ended)
    finally:
        if hasattr(iterator, 'close'):
            iterator.close()


def _put(queue: Queue, entry: tuple, ended: Event) -> bool:
    """Whether the entry found a place before the reader went away."""
    while not ended.is_set():
        try:
            queue.put(entry, timeout=_POLL_SECONDS)
            return True
        except Full:
            continue
    return False


def _empty(queue: Queue) -> None:
    try:
        while True:
            queue.get_nowait()
    except Empty:
        pass
