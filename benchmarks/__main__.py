"""Measure how fast racketsim is, and print one table: `make bench`, or `python -m benchmarks PART ...`."""

from __future__ import annotations

import argparse
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks import guard
from benchmarks.parts import PARTS, measure
from benchmarks.probe import load, probe
from benchmarks.results import Mismatch, add_part, empty, read, write
from benchmarks.table import print_goals, print_measures
from racketsim.results.provenance import code_digest


def main() -> int:
    """Read the command line, and do what it says; return the exit code."""
    listed = "\n".join(f"  {name:<10} {what}" for name, what in PARTS.items())
    reader = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure how fast racketsim is on this machine, part by part, and print one table.",
        epilog=f"parts:\n{listed}\n  guard      count the work of the main job against the committed baseline",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    reader.add_argument("parts", nargs="*", metavar="PART", help="what to measure (default: every part)")
    reader.add_argument("--quick", action="store_true", help="small sizes and few repeats, for a look")
    reader.add_argument("--json", type=Path, metavar="FILE", help="keep the results here, beside parts measured before")
    reader.add_argument("--show", action="store_true", help="measure nothing: print the table of FILE")
    reader.add_argument("--refresh", action="store_true", help="with guard: replace the baseline on purpose")
    given = reader.parse_args()
    unknown = set(given.parts) - {*PARTS, "guard"}
    if unknown:
        reader.error(f"there is no part {', '.join(sorted(unknown))}; parts: {', '.join(PARTS)}, guard")
    if given.parts == ["guard"]:
        return _guard(given.refresh)
    if given.show and not given.json:
        reader.error("--show prints the table of a file: name it with --json")
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 140)
    try:
        results = read(given.json) if given.json and given.json.exists() else empty(probe(), given.quick)
        if not given.show:
            _measure(given.parts or list(PARTS), given.quick, given.json, results, console)
    except Mismatch as error:
        reader.error(str(error))
    print_measures(console, results)
    print_goals(console, results)
    return 0


def _measure(parts: list[str], quick: bool, file: Path | None, results: dict[str, Any], console: Console) -> None:
    machine = probe()
    for name in parts:
        console.print(f"{name}: {PARTS[name]} ...")
        busy, begun = load(), time.perf_counter()
        found = measure(name, quick)
        seconds = time.perf_counter() - begun
        when = datetime.now(UTC).isoformat(timespec="seconds")
        about = {"when": when, "seconds": round(seconds, 1), "load": busy, "code": code_digest()}
        add_part(results, name, found, machine, quick, about)
        if file:
            write(file, results)


def _guard(refresh: bool) -> int:
    found = guard.count()
    if refresh:
        guard.write_baseline(found, probe()["versions"])
        print(f"{guard.BASELINE}: refreshed")
        return 0
    baseline, ceiling = guard.read_baseline(), guard.read_ceiling()
    for name in guard.GUARDED:
        against = f"{found[name] / baseline[name] - 1:>+9.1%} of the baseline"
        print(f"{name:<14}{found[name]:>16,}{against}{found[name] / ceiling[name] - 1:>+9.1%} of the ceiling")
    grown, passed = guard.excess(baseline, found), guard.excess(ceiling, found)
    if grown:
        print(guard.message(grown))
    if passed:
        print(guard.message_of_ceiling(passed))
    return int(bool(grown or passed))


if __name__ == "__main__":
    sys.exit(main())
