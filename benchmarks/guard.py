"""The guard against slow creep: the main job may not do a quarter more work than the committed baseline says.

Work is counted, not timed (see `benchmarks.work`), so a busy machine changes nothing.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks import work
from benchmarks.measure import in_a_process

BASELINE = Path(__file__).resolve().parent / "baseline.json"
JOB: dict[str, Any] = {"scenario": "lima-2023", "seed": 1, "until": None}
"""The main job: one replicate of full Lima, from the first day to the last."""

MOST = 1.25
GUARDED = ("instructions", "touches", "python calls", "c calls", "events")
REFRESH = "python -m benchmarks guard --refresh"


def count(cache: Path | None = None) -> dict[str, int]:
    """Count the work of the main job in a process of its own; `cache` keeps the instrumented machine code."""
    with tempfile.TemporaryDirectory() as empty:
        changes = {**work.GENERIC, "NUMBA_CACHE_DIR": str(cache or empty)}
        found: dict[str, int] = in_a_process(work.of_a_run, changes=changes, **JOB)
    return found


def excess(baseline: Mapping[str, int], found: Mapping[str, int]) -> list[str]:
    """Return one line for each count that has grown by more than a quarter."""
    return [
        f"{name}: {found[name]:,} against {baseline[name]:,} in the baseline ({found[name] / baseline[name] - 1:+.0%})"
        for name in GUARDED
        if found[name] > MOST * baseline[name]
    ]


def message(lines: list[str]) -> str:
    """Return what is said where the guard fails: what has grown, and how the baseline is refreshed on purpose."""
    return (
        f"The main job does over {MOST - 1:.0%} more work than {BASELINE.name} says.\n"
        + "\n".join(lines)
        + f"\nFind where it went (racketsim run --profile). If it is meant, refresh the baseline: {REFRESH}"
    )


def read_baseline() -> dict[str, int]:
    """Return the counts of the committed baseline."""
    found: dict[str, int] = json.loads(BASELINE.read_text(encoding="utf-8"))["work"]
    return found


def write_baseline(found: Mapping[str, int], versions: Mapping[str, str]) -> None:
    """Replace the committed baseline."""
    whole = {"job": JOB, "work": dict(found), "versions": dict(versions)}
    BASELINE.write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8", newline="\n")
