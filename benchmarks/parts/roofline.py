"""An event against the memory rate of this machine: what one event costs, in random and in sequential accesses."""

from __future__ import annotations

import tempfile
from functools import partial
from statistics import median

import numpy as np
from numba import njit

from benchmarks import work
from benchmarks.measure import Measure, in_a_process, seconds_of
from benchmarks.parts import Found
from benchmarks.parts.lima import SCENARIO, replicates

MEGABYTES = 512
"""Size of the arrays: many times the caches."""


@njit(cache=False)
def _gather(index: np.ndarray, values: np.ndarray) -> int:
    total = 0
    for n in range(index.size):
        total += values[index[n]]
    return total


@njit(cache=False)
def _chase(link: np.ndarray, steps: int) -> int:
    at = 0
    for _ in range(steps):
        at = link[at]
    return at


@njit(cache=False)
def _sum(values: np.ndarray) -> int:
    total = 0
    for n in range(values.size):
        total += values[n]
    return total


def memory_rates(megabytes: int, repeats: int) -> dict[str, list[float]]:
    """Return ns an independent and a dependent random access, and GB/s read and copied in sequence, on one core."""
    size = megabytes * 10**6 // 8
    rng = np.random.default_rng(1)
    values, target = np.arange(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    order = rng.permutation(size)
    link = np.empty(size, dtype=np.int64)
    link[order] = np.roll(order, -1)
    accesses = 4_000_000
    _gather(order[:10], values), _chase(link, 10), _sum(values[:10])
    found: dict[str, list[float]] = {"independent": [], "dependent": [], "read": [], "copy": []}
    for _ in range(repeats):
        index = rng.integers(0, size, accesses)
        found["independent"] += [s / accesses * 1e9 for s in seconds_of(partial(_gather, index, values), 1)]
        found["dependent"] += [s / accesses * 1e9 for s in seconds_of(partial(_chase, link, accesses), 1)]
        found["read"] += [values.nbytes / s / 1e9 for s in seconds_of(partial(_sum, values), 1)]
        found["copy"] += [2 * values.nbytes / s / 1e9 for s in seconds_of(partial(np.copyto, target, values), 1)]
    return found


def columns() -> list[str]:
    """Return the variables of the state that have one value a target: what an event may have to fetch."""
    from racketsim.mechanisms.registry import DAY

    return [name for mechanism in DAY for name, variable in mechanism.writes.items() if "target" in variable.dims]


def measure(quick: bool) -> Found:
    """Measure memory, count what kernels touch in a replicate of Lima, and set both beside the time of an event."""
    repeats = 3 if quick else 7
    until = "2018-06-30" if quick else None
    rates = in_a_process(memory_rates, cores=1, megabytes=64 if quick else MEGABYTES, repeats=repeats)
    rows = in_a_process(replicates, cores=1, seeds=list(range(1, repeats + 1)), until=until)["replicates"][1:]
    with tempfile.TemporaryDirectory() as cache:
        changes = {**work.GENERIC, "NUMBA_CACHE_DIR": cache}
        whole = in_a_process(work.of_a_run, changes=changes, scenario=SCENARIO, seed=1, until=until)
        setup = in_a_process(work.of_a_run, changes=changes, scenario=SCENARIO, seed=1, until="2018-01-01")
    event = [row["run"] / row["events"] * 1e9 for row in rows]
    held = in_a_process(columns)
    fetched = len(held) * median(rates["independent"])

    def an_event(count: str) -> float:
        return float(whole[count] - setup[count]) / float(whole["events"] - setup["events"])

    measures = [
        Measure("memory independent", "random access, many under way at a time", "ns", tuple(rates["independent"])),
        Measure("memory dependent", "random access, each after the last", "ns", tuple(rates["dependent"])),
        Measure("memory read", "read in sequence", "GB/s", tuple(rates["read"])),
        Measure("memory copy", "copied in sequence, read and written", "GB/s", tuple(rates["copy"])),
        Measure("event ns", "one event of Lima with its share of a day, set-up left out", "ns", tuple(event)),
        Measure("event touches", "loads and stores of kernels an event", "touches", (an_event("touches"),)),
        Measure("event instructions", "instructions of kernels an event", "instructions", (an_event("instructions"),)),
        Measure("event columns", "columns with a value of the event's target", "columns", (float(len(held)),)),
        Measure("event floor", "all those columns fetched from memory", "ns", (fetched,)),
        Measure("event over floor", "one event against that", "times", tuple(ns / fetched for ns in event)),
    ]
    notes = [
        "loads and stores are those of the optimised LLVM code; nearly all hit a cache (state of groups and districts)",
        f"columns of targets: {', '.join(held)}",
    ]
    return Found(measures, notes)
