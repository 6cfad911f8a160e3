"""One task for each index, in this process and in others beside it: what is done is told, a lost worker loses one task.

This process is the first worker, and each takes the next index when it is free. The others can be killed at any time
(by a scheduler, or by the kernel when memory runs out, which takes them before this one). A new pool then goes on with
what has no result, with one worker less in all, and this process only looks on from then: what kills workers must not
kill it. Workers outlive neither Ctrl-C nor the death of this process.
"""

from __future__ import annotations

import gc
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from functools import partial
from pathlib import Path
from pickle import loads
from queue import SimpleQueue
from typing import Any, NoReturn, TypeVar

from racketsim.errors import WorkersLostError

T = TypeVar("T")

MOST_LOSSES = 3
"""How often workers may die before the fault is taken to lie in the work and not in the machine."""

_MOST_MEMORY_KEPT = 1 << 50
"""Bytes by which a worker may grow. loky takes 300 MB for a leak, but memory is only kept for the next task."""

_PARENT_LOOKED_AT_EVERY = 0.3  # seconds


def cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run_each(
    task: Callable[..., T],
    indices: Iterable[int],
    *,
    workers: int,
    done: Callable[[int, T], None],
    lost: Callable[[int], None],
    threads: int = 1,
    here: Mapping[str, Any] | None = None,
    first_alone: bool = False,
) -> None:
    """Call a copy of `task` once for each index in `workers` processes, this one included.

    Each call has a copy of its own, so that nothing which a task leaves in itself (a policy that counts, say) depends
    on who did what.

    Args:
        task: what to do, by `task(index)`; the functions of the user's own script in it are copied with it.
        indices: the tasks, taken in this order.
        workers: number of processes; with one, all is done here.
        done: told of each result, in the thread that called; of those from elsewhere between the tasks of this process.
        lost: told the number of workers that go on, when one has been killed.
        threads: threads for compiled kernels of each of the other processes.
        here: further arguments by name that tasks are given in this process, with the same results: how to tell how
            far they are.
        first_alone: whether the others wait for the first result, made here, because it compiles what they then load.

    Raises:
        WorkersLostError: workers died more than `MOST_LOSSES` times.
        Exception: whatever a task raised; the other workers are stopped.
    """
    from cloudpickle import dumps

    left, kept = list(indices), dumps(task)
    while left and (first_alone or min(workers, len(left)) == 1):
        first_alone = False
        done(left[0], loads(kept)(left[0], **(here or {})))
        del left[0]
    losses = 0
    while left:
        try:
            if losses:
                _through_a_pool(kept, left, min(workers, len(left)), threads, done, None)
            else:
                _through_a_pool(kept, left, min(workers, len(left)) - 1, threads, done, here or {})
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
    kept: bytes,
    left: list[int],
    beside: int,
    threads: int,
    done: Callable[[int, T], None],
    here: Mapping[str, Any] | None,
) -> None:
    """Run the tasks of `left` in `beside` processes, and in this one unless `here` is None; take out what is done."""
    from loky import ProcessPoolExecutor

    settings = dict.fromkeys(("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), str(threads))
    settings["LOKY_MAX_MEMORY_LEAK_SIZE"] = str(_MOST_MEMORY_KEPT)
    waiting = deque(left)
    ended: SimpleQueue[tuple[int, Callable[[], T]]] = SimpleQueue()
    pool: Any = ProcessPoolExecutor(beside, env=settings, initializer=live_no_longer_than, initargs=(os.getpid(),))

    def next_index() -> int | None:
        with suppress(IndexError):
            return waiting.popleft()
        return None

    def start_next() -> None:
        index = next_index()
        if index is not None:
            pool.submit(_in_a_worker, kept, index).add_done_callback(partial(end, index))

    def end(index: int, future: Future[T]) -> None:
        """Give a worker its next task as soon as it is free, in a thread of the pool; what fails is raised below."""
        ended.put((index, future.result))
        try:
            if not future.cancelled() and future.exception() is None:
                start_next()
        except Exception as error:
            ended.put((index, partial(_raise, error)))

    try:
        own = None if here is None else next_index()
        for _ in range(beside):
            start_next()
        while left:
            if here is not None and own is not None:
                result = loads(kept)(own, **here)
                left.remove(own)
                done(own, result)
                own = next_index()
            while left and (own is None or not ended.empty()):
                index, found = ended.get()
                result = found()
                left.remove(index)
                done(index, result)
    except BaseException:
        waiting.clear()
        pool.shutdown(wait=True, kill_workers=True)
        raise
    pool.shutdown(wait=True)


def _raise(error: Exception) -> NoReturn:
    raise error


def _in_a_worker(kept: bytes, index: int) -> Any:
    """Call a copy of a task; after the first one, count what it has loaded as in use for good.

    loky looks for garbage between tasks, where psutil does not tell it how large the process is: through all of numba.
    """
    result = loads(kept)(index)
    if not gc.get_freeze_count():
        gc.collect()
        gc.freeze()
    return result


def live_no_longer_than(parent: int) -> None:
    """Leave Ctrl-C to the parent, end before it when memory runs out, and when it has gone, kill -9 included."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(OSError):  # where memory runs out, Linux ends this process before the parent
        Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_PARENT_LOOKED_AT_EVERY)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
