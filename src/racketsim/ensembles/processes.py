"""One task for each index, over worker processes: what is done is told at once, and a lost worker loses one task.

A worker can be killed at any time (by the kernel when memory runs out, by a scheduler). The pool is then made anew,
one worker smaller, for the tasks that have no result. Workers outlive neither Ctrl-C nor the death of this process.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import as_completed
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

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
    threads: int = 1,
    done: Callable[[int, T], None],
    lost: Callable[[int], None],
) -> None:
    """Call `task` once for each index in `workers` processes; `done(index, result)` runs here, as results come.

    Args:
        task: what to do; it travels to the workers, as do the functions of the user's own script in it.
        indices: the tasks.
        workers: number of processes, each with `threads` threads for compiled kernels.
        done: told of each result, in the order in which they come.
        lost: told the number of workers that go on, when one has been killed.

    Raises:
        WorkersLostError: workers died more than `MOST_LOSSES` times.
        Exception: whatever a task raised; the other workers are stopped.
    """
    left = list(indices)
    losses = 0
    while left:
        try:
            _through_a_pool(task, left, min(workers, len(left)), threads, done)
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
    task: Callable[[int], T], left: list[int], workers: int, threads: int, done: Callable[[int, T], None]
) -> None:
    """Run the tasks of `left` in one pool, taking each out of `left` once it is done."""
    from loky import ProcessPoolExecutor

    one_pool_of_threads = dict.fromkeys(("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), str(threads))
    pool = ProcessPoolExecutor(
        workers, env=one_pool_of_threads, initializer=live_no_longer_than, initargs=(os.getpid(),)
    )
    try:
        running = {pool.submit(task, index): index for index in left}
        for future in as_completed(running):
            result = future.result()
            index = running[future]
            left.remove(index)
            done(index, result)
    except BaseException:
        pool.shutdown(wait=True, kill_workers=True)
        raise
    pool.shutdown(wait=True)


def live_no_longer_than(parent: int) -> None:
    """Leave Ctrl-C to the parent, and end this worker when the parent has gone, kill -9 included."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_PARENT_LOOKED_AT_EVERY)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
