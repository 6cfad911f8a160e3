"""An event against the memory rate of this machine: what one event costs, in random and in sequential accesses."""

from __future__ import annotations

import math
import tempfile
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np
from numba import njit

from benchmarks import work
from benchmarks.measure import Measure, in_a_process, seconds_of
from benchmarks.parts import Found
from benchmarks.parts.lima import SCENARIO, replicates
from benchmarks.parts.scaling import EVENTS, rates

MEGABYTES = 512
"""Size of the arrays: many times the caches."""

LINE = 64
"""Bytes that memory hands over at a time."""


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


def row_of_a_target() -> int:
    """Return the bytes of the row in which a target's own variables lie."""
    import racketsim as rs
    from racketsim.city.city import City
    from racketsim.engine import plan
    from racketsim.mechanisms.registry import DAY

    state = plan.allocate(City(rs.load_scenario(SCENARIO), 1), DAY)
    return int(state["payee"].strides[-1])


def measure(quick: bool) -> Found:
    """Measure memory, count what kernels touch in replicates of Lima, and set both beside the time of an event."""
    repeats = 3 if quick else 7
    until = "2018-06-30" if quick else None
    memory = in_a_process(memory_rates, cores=1, megabytes=64 if quick else MEGABYTES, repeats=repeats)
    rows = in_a_process(replicates, cores=1, seeds=list(range(1, repeats + 1)), until=until)["replicates"][1:]
    with tempfile.TemporaryDirectory() as cache:
        count = partial(work.counted, work.of_a_run, Path(cache), scenario=SCENARIO, seed=1)
        whole, setup = count(until=until), count(until="2018-01-01")
        many = count(until=until, overrides=rates(EVENTS[-1]))
    event = [row["run"] / row["events"] * 1e9 for row in rows]
    lines = math.ceil(in_a_process(row_of_a_target) / LINE)
    miss = median(memory["dependent"])

    def each(name: str, more: dict[str, int], less: dict[str, int]) -> tuple[float]:
        return (float(more[name] - less[name]) / float(more["events"] - less["events"]),)

    measures = [
        Measure("memory independent", "random access, many under way at a time", "ns", tuple(memory["independent"])),
        Measure("memory dependent", "random access, each after the last", "ns", tuple(memory["dependent"])),
        Measure("memory read", "read in sequence", "GB/s", tuple(memory["read"])),
        Measure("memory copy", "copied in sequence, read and written", "GB/s", tuple(memory["copy"])),
        Measure("event ns", "one event of Lima with its share of a day, set-up left out", "ns", tuple(event)),
        Measure("event touches", "its loads and stores", "touches", each("touches", whole, setup)),
        Measure("event instructions", "its instructions", "instructions", each("instructions", whole, setup)),
        Measure("further touches", "loads and stores of one more event", "touches", each("touches", many, whole)),
        Measure(
            "further instructions", "instructions of one more event", "instructions", each("instructions", many, whole)
        ),
        Measure("event lines", f"lines of {LINE} bytes in the row of its target", "lines", (float(lines),)),
        Measure("event floor", "these lines fetched from memory, nothing else", "ns", (lines * miss,)),
        Measure("event over floor", "one event against that", "times", tuple(ns / (lines * miss) for ns in event)),
    ]
    notes = [
        "loads and stores are those of the optimised LLVM code; nearly all hit a cache (state of groups and districts)",
        f"one more event: {EVENTS[-1]:g} times the rates of demands against Lima's, days and targets the same",
    ]
    return Found(measures, notes)
