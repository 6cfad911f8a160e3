"""Replicates a minute for one worker and for two, through `run_replicates`, as any ensemble is run."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measure import Measure, in_a_process
from benchmarks.parts import Found
from benchmarks.parts.lima import SCENARIO


def ensemble(workers: int, replicates: int, until: str | None) -> dict[str, float]:
    """Run an ensemble with its files and without the page, and return what it took.

    `seconds` of the clock and `cpu` seconds of all its processes are for the whole of it. `rate` is in replicates a
    minute, while all workers are at work: from the end of replicate 2 W - 1 of W workers, by when each has been through
    its first, over a whole number of rounds of W, since workers end in turn, and not evenly spaced.
    """
    import racketsim as rs

    with tempfile.TemporaryDirectory() as folder:
        begun, cpu = time.perf_counter(), _cpu_seconds()
        run = rs.run_replicates(
            SCENARIO,
            replicates=replicates,
            workers=workers,
            until=until,
            out=Path(folder) / "run",
            report=False,
        )
        seconds, cpu = time.perf_counter() - begun, _cpu_seconds() - cpu
        ended = sorted(file.stat().st_mtime for file in (run.path / "replicates").glob("*.npz"))
    first = 2 * workers - 1
    rounds = (replicates - workers - first) // workers
    rate = 60.0 * rounds * workers / (ended[first + rounds * workers] - ended[first])
    return {"seconds": seconds, "cpu": cpu, "rate": rate}


def _cpu_seconds() -> float:
    """Return what this process and those that it has waited for have used."""
    return sum(os.times()[:4])


def adding_up(seconds: float, _place: int) -> float:
    """Return how often a second this process can add up 33 kB of numbers, which fit in the cache of its core."""
    numbers = np.ones(1 << 12)
    done, begun = 0, time.perf_counter()
    while time.perf_counter() - begun < seconds:
        numbers.sum()
        done += 1
    return done / (time.perf_counter() - begun)


def simulating(replicates: int, until: str | None, _place: int) -> float:
    """Return how many replicates a second this process can simulate, one after another."""
    import racketsim as rs

    city = rs.load_scenario(SCENARIO)
    begun = time.perf_counter()
    for seed in range(1, replicates + 1):
        rs.Sim(city, seed, keep_events=False).run(until)
    return replicates / (time.perf_counter() - begun)


def side_by_side(what: str, **job: Any) -> float:
    """Return what two processes that share nothing get done at once, against twice what one does alone.

    Both have done some of it before, so that neither has to load anything, and both begin at once.
    """
    works: dict[str, Callable[..., float]] = {"adding up": adding_up, "simulating": simulating}
    with ProcessPoolExecutor(2) as pool:
        work = partial(works[what], *job.values())
        list(pool.map(work, range(2)))
        alone = pool.submit(work, 0).result()
        return sum(pool.map(work, range(2))) / (2.0 * alone)


def measure(quick: bool) -> Found:
    """Run ensembles with one worker and with two, in turn, and set the pairs beside each other."""
    until = "2018-06-30" if quick else None
    replicates, repeats = (8, 1) if quick else (18, 7)
    in_a_process(ensemble, workers=1, replicates=4, until=until)  # which compiles
    found: dict[int, list[dict[str, float]]] = {1: [], 2: []}
    for repeat in range(repeats):
        for workers, runs in list(found.items())[:: 1 - repeat % 2 * 2]:
            runs.append(in_a_process(ensemble, workers=workers, replicates=replicates, until=until))
    measures = []
    for workers, runs in found.items():
        hands = f"{workers} worker{'s' if workers > 1 else ''}"
        for name, what, unit in (
            ("rate", "once all have started", "replicates a minute"),
            ("seconds", f"{replicates} replicates from start to end", "s"),
            ("cpu", f"{replicates} replicates, of all cores together", "CPU s"),
        ):
            values = tuple(run[name] for run in runs)
            measures.append(Measure(f"ensemble {workers} {name}", f"{hands}, {what}", unit, values))
    bare: dict[str, dict[str, Any]] = {
        "two processes that only add up numbers, against twice one": {"what": "adding up", "seconds": 2.0},
        "two processes that only simulate, against twice one": {
            "what": "simulating",
            "replicates": 2 if quick else 4,
            "until": until,
        },
    }
    pairs_of_bare = 1 if quick else 5
    pairs = list(zip(found[1], found[2], strict=True))
    thousand = tuple(1000.0 / two["rate"] for two in found[2])
    measures += [
        Measure(
            "ensemble share",
            "two workers against twice one",
            "share",
            tuple(b["rate"] / a["rate"] / 2 for a, b in pairs),
        ),
        Measure(
            "ensemble share whole",
            f"the same for {replicates} replicates from start to end",
            "share",
            tuple(a["seconds"] / b["seconds"] / 2 for a, b in pairs),
        ),
        *(
            Measure(job["what"], what, "share", tuple(in_a_process(side_by_side, **job) for _ in range(pairs_of_bare)))
            for what, job in bare.items()
        ),
        Measure("ensemble thousand", "1,000 replicates, two workers, at that rate", "minutes", thousand),
    ]
    return Found(
        measures, ["ensembles of one worker and of two in turn; a share sets two that follow each other side by side"]
    )
