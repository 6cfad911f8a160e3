"""A national run: ten million targets, 196 provinces, six years, on one core."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.measure import Measure, in_a_process, peak_memory
from benchmarks.national import TARGETS, write
from benchmarks.parts import Found


def replicate(folder: str, seed: int) -> dict[str, Any]:
    """Load and simulate the scenario in `folder`; return seconds, events and the peak of memory of this process."""
    import racketsim as rs

    begun = time.perf_counter()
    scenario = rs.load_scenario(folder)
    loaded = time.perf_counter() - begun
    sim = rs.Sim(scenario, seed).run()
    seconds = time.perf_counter() - begun
    return {"seconds": seconds, "load": loaded, "events": len(sim.log["day"]), "peak_mb": peak_memory(), **sim.timing}


def measure(quick: bool) -> Found:
    """Measure whole runs, each in a process of its own, from reading the files to the last day."""
    with tempfile.TemporaryDirectory() as place:
        folder = write(Path(place) / "country", TARGETS // 20 if quick else TARGETS)
        runs = [in_a_process(replicate, cores=1, folder=str(folder), seed=seed) for seed in range(1, 2 if quick else 4)]
    targets = runs[0]["target_days"]
    measures = [
        Measure("national seconds", "six years, scenario read from its files", "s", tuple(r["seconds"] for r in runs)),
        Measure("national setup", "of it set-up", "s", tuple(r["setup"] for r in runs)),
        Measure("national peak", "peak memory", "MB", tuple(r["peak_mb"] for r in runs)),
        Measure("national events", "events", "events", tuple(r["events"] for r in runs)),
        Measure(
            "national rate",
            "target-days, set-up included",
            "billion/s",
            tuple(r["target_days_per_second"] / 1e9 for r in runs),
        ),
    ]
    return Found(measures, [f"{targets / 1e9:.1f} billion target-days; each run in a new process on one core"])
