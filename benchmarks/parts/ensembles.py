"""Replicates a minute for one worker and for two, through `run_replicates`, as any ensemble is run."""

from __future__ import annotations

import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.measure import Measure, in_a_process
from benchmarks.parts import Found
from benchmarks.parts.lima import SCENARIO

_SIZES = {
    1 << 12: "two processes that add up 33 kB, nothing else, against twice one",
    1 << 26: "two processes that add up scattered parts of 537 MB, against twice one",
}
"""Numbers of 8 bytes that a process works on: within its own cache, and far beyond all caches."""


def ensemble(workers: int, replicates: int, until: str | None) -> float:
    """Return the seconds that so many replicates take, with their files and without the page."""
    import racketsim as rs

    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        rs.run_replicates(
            SCENARIO,
            replicates=replicates,
            workers=workers,
            until=until,
            out=Path(folder) / "run",
            report=False,
        )
        return time.perf_counter() - begun


def busy(size: int, seconds: float, _place: int) -> float:
    """Return how often a second this process can add up `size` numbers that lie scattered in memory."""
    rng = np.random.default_rng(1)
    numbers, order = np.ones(size), rng.permutation(size)[: min(size, 1 << 20)]
    done, begun = 0, time.perf_counter()
    while time.perf_counter() - begun < seconds:
        numbers[order].sum()
        done += 1
    return done / (time.perf_counter() - begun)


def side_by_side(size: int, seconds: float) -> float:
    """Return what two processes that do nothing else get done at once, against twice what one does alone."""
    work = partial(busy, size, seconds)
    with ProcessPoolExecutor(2) as pool:
        alone = pool.submit(work, 0).result()
        return sum(pool.map(work, range(2))) / (2.0 * alone)


def measure(quick: bool) -> Found:
    """Measure short and long ensembles; what further replicates cost is the difference, without start and end."""
    until = "2018-06-30" if quick else None
    few, many = (2, 6) if quick else (3, 15)
    repeats = 1 if quick else 2
    in_a_process(ensemble, workers=1, replicates=1, until="2018-01-31")
    further: dict[int, list[float]] = {1: [], 2: []}
    whole: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(repeats):
        for workers in further:
            short = in_a_process(ensemble, workers=workers, replicates=few, until=until)
            long = in_a_process(ensemble, workers=workers, replicates=many, until=until)
            further[workers].append(60.0 * (many - few) / (long - short))
            whole[workers].append(60.0 * many / long)
    measures = []
    for workers in further:
        hands = f"{workers} worker{'s' if workers > 1 else ''}"
        measures += [
            Measure(f"ensemble {workers}", f"{hands}, further replicates", "a minute", tuple(further[workers])),
            Measure(f"ensemble {workers} whole", f"{hands}, {many} in all", "a minute", tuple(whole[workers])),
        ]
    seconds = 0.5 if quick else 3.0
    bare = {size: tuple(in_a_process(side_by_side, size=size, seconds=seconds) for _ in range(3)) for size in _SIZES}
    scaling = tuple(two / one / 2.0 for one, two in zip(further[1], further[2], strict=True))
    thousand = tuple(1000.0 / rate for rate in further[2])
    measures += [
        Measure("ensemble scaling", "two workers against twice one", "share", scaling),
        *(Measure(f"bare {size}", what, "share", bare[size]) for size, what in _SIZES.items()),
        Measure("ensemble thousand", "1,000 replicates, two workers, at that rate", "minutes", thousand),
    ]
    return Found(measures, [f"{many} replicates less {few}: what a further replicate costs in a long ensemble"])
