"""What one waits for: the import, and the first figure on the screen of `racketsim run`, cold and warm."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.measure import ROOT, Measure, environment, seconds_of
from benchmarks.parts import Found

DAY_SHOWN = re.compile(rb"20\d\d-\d\d-\d\d\s.*\d+/\d+")
"""The progress bar with the date that the run has reached: the first figure that comes out of the simulation."""

HEADLINE = re.compile(rb"90% range.*\n")
"""The head of the headline table."""


def _import(what: str) -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", what], check=True, env=environment(), cwd=ROOT)
    return time.perf_counter() - begun


def on_screen(replicates: int, cache: Path | None) -> dict[str, float]:
    """Run Lima on a terminal; return the seconds until the first simulated date and until the headline table."""
    changes = {"TERM": "xterm", "COLUMNS": "160"} | ({"NUMBA_CACHE_DIR": str(cache)} if cache else {})
    ours, theirs = pty.openpty()
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "racketsim", "run", "--replicates", str(replicates)]
        begun = time.perf_counter()
        run = subprocess.Popen(
            [*command, "--out", str(Path(folder) / "run")],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=environment(**changes),
            cwd=ROOT,
            close_fds=True,
        )
        os.close(theirs)
        shown, seen = b"", {}
        while True:
            if select.select([ours], [], [], 0.05)[0]:
                try:
                    shown += os.read(ours, 1 << 16)
                except OSError:  # the other end is closed
                    break
                for name, pattern in (("day", DAY_SHOWN), ("headline", HEADLINE)):
                    if name not in seen and pattern.search(shown):
                        seen[name] = time.perf_counter() - begun
        if run.wait():
            raise RuntimeError(f"racketsim run failed:\n{shown.decode(errors='replace')}")
        seen["done"] = time.perf_counter() - begun
    os.close(ours)
    return seen


def measure(quick: bool) -> Found:
    """Measure imports, then runs with an empty cache of machine code, then with a full one."""
    repeats = 3 if quick else 9
    seconds_of(lambda: _import("import racketsim"), 1)
    empty = seconds_of(lambda: _import("pass"), repeats)
    whole = seconds_of(lambda: _import("import racketsim"), repeats)
    heavy = seconds_of(lambda: _import("import racketsim.simulation"), repeats)
    bare = min(empty)
    cold, warm = [], []
    for _ in range(1 if quick else 2):
        with tempfile.TemporaryDirectory() as cache:
            cold.append(on_screen(1, Path(cache)))
            warm += [on_screen(1, Path(cache)) for _ in range(1 if quick else 3)]
    measures = [
        Measure("import", "`import racketsim`, beyond Python itself", "s", tuple(s - bare for s in whole)),
        Measure("import of Sim", "`racketsim.Sim` loaded, beyond Python itself", "s", tuple(s - bare for s in heavy)),
    ]
    for kind, runs in (("cold", cold), ("warm", warm)):
        cache = "no machine code kept" if kind == "cold" else "machine code kept"
        for name, what in (
            ("day", "first simulated month on screen"),
            ("headline", "headline table of one replicate on screen"),
        ):
            values = tuple(run[name] for run in runs)
            measures.append(Measure(f"{kind} {name}", f"`racketsim run`: {what}, {cache}", "s", values))
    return Found(measures, [])
