"""One replicate of full Lima: how fast, how many events, how much memory."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.measure import Measure, in_a_process, peak_memory
from benchmarks.parts import Found

SCENARIO = "lima-2023"


def replicates(seeds: list[int], until: str | None) -> dict[str, Any]:
    """Simulate one replicate a seed in this process; return what each took, and the peak of memory."""
    import racketsim as rs

    found = []
    for seed in seeds:
        sim = rs.Sim(SCENARIO, seed).run(until=until)
        found.append({**sim.timing, "events": len(sim.log["day"])})
        del sim
    return {"replicates": found, "peak_mb": peak_memory()}


def on_the_command_line(until: str | None) -> dict[str, float]:
    """Run one replicate as a user does, with its files and its page; return the peak of memory and the seconds."""
    from racketsim.cli.main import main

    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        period = ["--until", until] if until else []
        try:
            main(["run", SCENARIO, "--replicates", "1", *period, "--out", str(Path(folder) / "run"), "--json"])
        except SystemExit as left:
            if left.code:
                raise RuntimeError(f"racketsim run left with {left.code}") from left
    return {"peak_mb": peak_memory(), "seconds": time.perf_counter() - begun}


def measure(quick: bool) -> Found:
    """Measure replicates one after another in one process on one core, each in the peak of memory of its own."""
    until = "2018-06-30" if quick else None
    in_a_process(replicates, seeds=[99], until=until)
    repeats = 3 if quick else 9
    whole = in_a_process(replicates, cores=1, seeds=list(range(1, repeats + 2)), until=until)
    first, rows = whole["replicates"][0], whole["replicates"][1:]
    alone = [in_a_process(replicates, cores=1, seeds=[seed], until=until)["peak_mb"] for seed in (1, 2, 3)]
    used = [in_a_process(on_the_command_line, cores=1, until=until) for _ in range(1 if quick else 3)]
    total = [row["setup"] + row["run"] for row in rows]

    def each(name: str, what: str, unit: str, values: list[float]) -> Measure:
        return Measure(f"lima {name}", what, unit, tuple(values))

    measures = [
        each("rate", "target-days, set-up included", "billion/s", [r["target_days_per_second"] / 1e9 for r in rows]),
        each("seconds", "one replicate", "s", total),
        each("setup", "of it set-up", "s", [row["setup"] for row in rows]),
        each("events", "events", "events", [row["events"] for row in rows]),
        each(
            "event rate",
            "events, set-up included",
            "million/s",
            [r["events"] / t / 1e6 for r, t in zip(rows, total, strict=True)],
        ),
        each(
            "ns an event",
            "one event, set-up included",
            "ns",
            [t / r["events"] * 1e9 for r, t in zip(rows, total, strict=True)],
        ),
        each(
            "first rate",
            "target-days of the first replicate of a process, machine code loaded",
            "billion/s",
            [first["target_days_per_second"] / 1e9],
        ),
        each("peak", "peak memory of one replicate in Python", "MB", alone),
        each(
            "peak of command", "peak memory of `racketsim run -n 1`, page included", "MB", [u["peak_mb"] for u in used]
        ),
        each("seconds of command", "`racketsim run -n 1`, page included", "s", [u["seconds"] for u in used]),
    ]
    targets, days = first["target_days"] / 1e9, repeats
    return Found(measures, [f"{targets:.2f} billion target-days a replicate, {days} replicates on one core"])
