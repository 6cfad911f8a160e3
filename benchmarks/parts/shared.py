"""The shared workload at equal sizes in every tool, after a check that all give the same answers in distribution."""

from __future__ import annotations

import importlib
import time
from typing import Any

from benchmarks.agreement import FALSE_ALARM, compare
from benchmarks.measure import Measure, in_a_process
from benchmarks.parts import Found
from benchmarks.workload import Workload, as_row

TOOLS = ("racketsim", "numpy", "starsim", "mesa")
"""The first is compared with the others; the second is the reference of the check."""

SIZES = ((10_000, 365), (100_000, 365), (1_000_000, 365), (1_000_000, 2191))
"""Targets and days: up to half of Lima over its six years."""

LARGEST = {"mesa": 100_000 * 365}
"""Target-days beyond which a tool is not run, as one run would take minutes."""

CHECKED = Workload(4_000, days=200, hazard=2e-3, districts=8)
QUICK = ((2_000, 60), (10_000, 60))


def timed(tool: str, targets: int, days: int, repeats: int) -> dict[str, Any]:
    """Return the wall seconds of each of `repeats` runs, set-up included, after a small run that warms the tool up."""
    run = importlib.import_module(f"benchmarks.workload.with_{tool}").run
    run(Workload(2_000, days=30, hazard=1e-2), 1)
    found = []
    for seed in range(1, repeats + 1):
        begun = time.perf_counter()
        run(Workload(targets, days=days), seed)
        found.append(time.perf_counter() - begun)
    return {"seconds": found}


def sampled(tool: str, replicates: int, first: int) -> list[list[int]]:
    """Return the totals of `replicates` runs of the checked size."""
    run = importlib.import_module(f"benchmarks.workload.with_{tool}").run
    return [as_row(run(CHECKED, first + n)) for n in range(replicates)]


def measure(quick: bool) -> Found:
    """Check that the tools agree, then time them at equal sizes."""
    replicates = 20 if quick else 40
    samples = {
        tool: in_a_process(sampled, tool=tool, replicates=replicates, first=1000 * (place + 1))
        for place, tool in enumerate(TOOLS)
    }
    notes = []
    reference = TOOLS[1]
    for tool in TOOLS:
        if tool != reference:
            worst = compare(samples[tool], samples[reference])
            notes.append(f"{tool} and {reference} agree in distribution: {worst}")
    notes.append(
        f"agreement: two-sample Kolmogorov-Smirnov on {replicates} replicates of {CHECKED.targets:,} targets and "
        f"{CHECKED.days} days, one test a total, {FALSE_ALARM:.0%} false alarms a pair of tools (Bonferroni)"
    )
    measures = []
    for targets, days in QUICK if quick else SIZES:
        medians = {}
        for tool in TOOLS:
            if targets * days > LARGEST.get(tool, targets * days):
                notes.append(f"{tool} was not run with {targets:,} targets over {days:,} days")
                continue
            seconds = in_a_process(timed, tool=tool, targets=targets, days=days, repeats=_repeats(tool, targets * days))
            found = Measure(
                f"{tool} {targets}x{days}",
                f"{tool}: {targets:,} targets, {days:,} days",
                "s",
                tuple(seconds["seconds"]),
            )
            measures.append(found)
            medians[tool] = found.median
            if tool != TOOLS[0]:
                ratios = tuple(value / medians[TOOLS[0]] for value in found.values)
                what = f"{TOOLS[0]} against {tool}: {targets:,} targets, {days:,} days"
                measures.append(Measure(f"ratio {tool} {targets}x{days}", what, "times", ratios))
    return Found(measures, notes)


def _repeats(tool: str, target_days: int) -> int:
    """Return how often to repeat: less where one run takes many seconds."""
    if tool == TOOLS[0]:
        return 7
    if tool == "mesa":
        return 3
    return 7 if target_days < 50e6 else 3 if target_days < 500e6 else 1
