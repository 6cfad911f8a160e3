"""The guard against creep: the main job may not do a quarter more work than the baseline says, nor than the ceiling.

The baseline follows the model, by `--refresh`; the ceiling, the work of the model whose speed was last measured, stays,
so that many small refreshes are caught as well. Work is counted, not timed (see `benchmarks.work`), so a busy machine
changes nothing.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks import work

BASELINE = Path(__file__).resolve().parent / "baseline.json"
JOB: dict[str, Any] = {"scenario": "lima-2023", "seed": 1, "until": None}
"""The main job: one replicate of full Lima, from the first day to the last."""

MOST = 1.25
GUARDED = ("instructions", "touches", "python calls", "c calls", "events")
REFRESH = "python -m benchmarks guard --refresh"


def count(cache: Path | None = None) -> dict[str, int]:
    """Count the work of the main job; `cache` keeps the instrumented machine code."""
    with tempfile.TemporaryDirectory() as empty:
        return work.counted(work.of_a_run, cache or Path(empty), **JOB)


def excess(allowed: Mapping[str, int], found: Mapping[str, int]) -> list[str]:
    """Return one line for each count that is over what is allowed, by baseline or ceiling, by a quarter."""
    return [
        f"{name}: {found[name]:,} against {allowed[name]:,} ({found[name] / allowed[name] - 1:+.0%})"
        for name in GUARDED
        if found[name] > MOST * allowed[name]
    ]


def message(lines: list[str]) -> str:
    """Return what is said where the baseline is passed: what has grown, and how it is refreshed on purpose."""
    return (
        f"The main job does over {MOST - 1:.0%} more work than {BASELINE.name} says.\n"
        + "\n".join(lines)
        + f"\nFind where it went (racketsim run --profile). If it is meant, refresh the baseline: {REFRESH}"
    )


def message_of_ceiling(lines: list[str]) -> str:
    """Return what is said where the ceiling is passed, which no refresh moves."""
    ceiling = _kept()["ceiling"]
    return (
        f"The main job does over {MOST - 1:.0%} more work than on {ceiling['date']}, when "
        f"{ceiling['billion target-days/s']:.2f} billion target-days/s were measured.\n"
        + "\n".join(lines)
        + "\nIt has grown by many small steps, and --refresh does not move this ceiling. Find where the work went "
        "(racketsim run --profile) and take some of it back. If all of it is meant, measure the speed when the machine "
        'is quiet (make bench PARTS=lima); only where it meets its goal, write date, rate and counts into "ceiling" of '
        f"{BASELINE.name} by hand, and say why in the commit."
    )


def read_baseline() -> dict[str, int]:
    """Return the counts of the committed baseline."""
    found: dict[str, int] = _kept()["work"]
    return found


def read_ceiling() -> dict[str, int]:
    """Return the counts of the model whose speed was last measured."""
    found: dict[str, int] = _kept()["ceiling"]["work"]
    return found


def write_baseline(found: Mapping[str, int], versions: Mapping[str, str]) -> None:
    """Replace the committed baseline; the ceiling stays."""
    whole = {"job": JOB, "work": dict(found), "versions": dict(versions), "ceiling": _kept()["ceiling"]}
    BASELINE.write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8", newline="\n")


def _kept() -> dict[str, Any]:
    whole: dict[str, Any] = json.loads(BASELINE.read_text(encoding="utf-8"))
    return whole
