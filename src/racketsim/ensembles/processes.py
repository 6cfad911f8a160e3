"""One task for each index, in this process and in others beside it: what is done is told, a lost worker loses one task.

This process is the first worker, and each takes the next index when it is free. The others can be killed at any time
(by the kernel when memory runs out, by a scheduler). A pool of them is then made anew, one worker smaller, for what has
no result yet, and this process only looks on: what kills workers must not kill it. Workers outlive neither Ctrl-C nor
the death of this process.
"""

from __future__ import annotations

import gc
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from functools import partial
from queue import SimpleQueue
from typing import Any, TypeVar

from racketsim.errors import WorkersLostError

T = TypeVar("T")

MOST_LOSSES = 3
"""How often workers may die before the fault is taken to lie in the work and not in the machine."""

_PARENT_LOOKED_AT_EVERY = 0.3  # seconds


def cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run_each(
    task: Callable[[int], T],
    indices: Iterable[int],
    *,
    workers: int,
    done: Callable[[int, T], None],
    lost: Callable[[int], None],
    threads: int = 1,
    here: Callable[[int], T] | None = None,
    first_alone: bool = False,
) -> None:
    """Call `task` once for each index in `workers` processes, this one included.

    Args:
        task: what to do; it travels to the other processes, as do the functions of the user's own script in it.
        indices: the tasks, taken in this order.
        workers: number of processes; with one, all is done here.
        done: told of each result, in the order in which they come, in the main thread of this process.
        lost: told the number of workers that go on, when one has been killed.
        threads: threads for compiled kernels of each of the other processes.
        here: what this process calls instead of `task`, with the same result, to tell how far it is.
        first_alone: whether the others wait for the first result, made here, because it compiles what they then load.

    Raises:
        WorkersLostError: workers died more than `MOST_LOSSES` times.
        Exception: whatever a task raised; the other workers are stopped.
    """
    left, here = list(indices), here or task
    while left and (first_alone or min(workers, len(left)) == 1):
        first_alone = False
        done(left[0], here(left[0]))
        del left[0]
    losses = 0
    while left:
        try:
            beside = min(workers, len(left)) - (losses == 0)
            _through_a_pool(task, left, beside, threads, done, None if losses else here)
        except BrokenProcessPool as error:
            losses += 1
            if losses > MOST_LOSSES:
                raise WorkersLostError(
                    "Worker processes were killed again and again, most likely because the machine ran out of memory: "
                    "use fewer workers (--workers 1)."
                ) from error
            workers = max(1, workers - 1)
            lost(workers)


def _through_a_pool(
    task: Callable[[int], T],
    left: list[int],
    beside: int,
    threads: int,
    done: Callable[[int, T], None],
    here: Callable[[int], T] | None,
) -> None:
    """Run the tasks of `left` in `beside` processes, and by `here` in this one; take each out of `left` once done."""
    from loky import ProcessPoolExecutor

    one_pool_of_threads = dict.fromkeys(("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), str(threads))
    waiting = deque(left)
    ended: SimpleQueue[tuple[int, Future[T]]] = SimpleQueue()
    pool: Any = ProcessPoolExecutor(
        beside, env=one_pool_of_threads, initializer=live_no_longer_than, initargs=(os.getpid(),)
    )

    def next_index() -> int | None:
        with suppress(IndexError):
            return waiting.popleft()
        return None

    def start_next() -> None:
        index = next_index()
        if index is not None:
            with suppress(RuntimeError):  # the pool is shutting down, or broken, which a task under way will tell
                pool.submit(_in_a_worker, task, index).add_done_callback(partial(end, index))

    def end(index: int, future: Future[T]) -> None:
        """Give a worker its next task as soon as it is free, in a thread of the pool."""
        if not future.cancelled() and future.exception() is None:
            start_next()
        ended.put((index, future))

    def finish(index: int, result: T) -> None:
        left.remove(index)
        done(index, result)

    try:
        own = next_index() if here else None
        for _ in range(beside):
            start_next()
        while left:
            if here and own is not None:
                finish(own, here(own))
                own = next_index()
            while left and (own is None or not ended.empty()):
                index, future = ended.get()
                finish(index, future.result())
    except BaseException:
        waiting.clear()
        pool.shutdown(wait=True, kill_workers=True)
        raise
    pool.shutdown(wait=True)


def _in_a_worker(task: Callable[[int], T], index: int) -> T:
    """Call a task; after the first one, count what it has loaded as in use for good.

    loky looks for garbage after each task, which takes 70 ms where it has to go through the whole of numba.
    """
    result = task(index)
    if not gc.get_freeze_count():
        gc.freeze()
    return result


def live_no_longer_than(parent: int) -> None:
    """Leave Ctrl-C to the parent, and end this worker when the parent has gone, kill -9 included."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_PARENT_LOOKED_AT_EVERY)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
