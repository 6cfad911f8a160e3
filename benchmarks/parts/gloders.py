"""The shared case of GLODERS-S: whole runs of case V6, beside what the original took.

The original's figures are our own measurement of its published Java program, made on two cores before this benchmark
was written; it is quoted here and not measured again, as the program may not be shipped.
"""

from __future__ import annotations

import time
from typing import Any

from benchmarks.measure import Measure, in_a_process, peak_memory
from benchmarks.parts import Found

ORIGINAL_SECONDS = (46.0, 72.0)
ORIGINAL_GIGABYTES = 3.4
UNITS = 20_000
SCENARIOS = {"baseline": (False, False), "legal": (True, False), "social": (False, True), "both": (True, True)}


def runs(units: int, repeats: int) -> dict[str, Any]:
    """Return the seconds of `repeats` runs of every scenario, after one that compiles, and the peak of memory."""
    from racketsim.verification.palermo import run_scenario

    run_scenario(0, True, True, 100)
    found: dict[str, list[float]] = {name: [] for name in SCENARIOS}
    for seed in range(1, repeats + 1):
        for name, (legal, social) in SCENARIOS.items():
            begun = time.perf_counter()
            run_scenario(seed, legal, social, units)
            found[name].append(time.perf_counter() - begun)
    return {"seconds": found, "peak_mb": peak_memory()}


def measure(quick: bool) -> Found:
    """Measure the four scenarios of the policy experiment in one process on one core."""
    units = UNITS // 10 if quick else UNITS
    found = in_a_process(runs, cores=1, units=units, repeats=2 if quick else 7)
    measures = [
        Measure(f"gloders {name}", f"one run, scenario {name}", "s", tuple(seconds))
        for name, seconds in found["seconds"].items()
    ]
    every = [seconds for values in found["seconds"].values() for seconds in values]
    fastest, slowest = ORIGINAL_SECONDS
    times = tuple(fastest * units / UNITS / seconds for seconds in every)
    measures += [
        Measure("gloders peak", "peak memory of the process", "MB", (found["peak_mb"],)),
        Measure("gloders times", f"one run against {fastest:g} s of the original for {UNITS:,} units", "times", times),
    ]
    original = f"{fastest:g} to {slowest:g} s a run and up to {ORIGINAL_GIGABYTES:g} GB"
    notes = [
        f"{units:,} units of time, 300 citizens, 20 mafiosi, 20 police",
        f"original Java on two cores: {original}, measured by us before and not again here",
    ]
    return Found(measures, notes)
