"""What one waits for: the import, the first figure on the screen of `racketsim run`, cold and warm, and why."""

from __future__ import annotations

import gc
import os
import pty
import re
import select
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

from benchmarks.measure import ROOT, Measure, environment, in_a_process, seconds_of
from benchmarks.parts import Found
from benchmarks.parts.lima import SCENARIO
from racketsim.cli.main import SELDOM

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


def compiling() -> dict[str, float]:
    """Simulate a replicate in this process, which has no machine code, and return what compiling took of it."""
    from numba.core import event

    import racketsim as rs

    spent: dict[str, float] = {}
    with (
        event.install_timer("numba:compile", lambda seconds: spent.update(all=seconds)),
        event.install_timer("numba:llvm_lock", lambda seconds: spent.update(llvm=seconds)),
        event.install_recorder("numba:compile") as compiled,
    ):
        rs.Sim(SCENARIO, seed=1).run()
    return {**spent, "functions": sum(happened.is_start for _, happened in compiled.buffer)}


def stages() -> dict[str, float]:
    """Do in this process the main parts of what `racketsim run` does until its table; return the seconds of each."""
    gc.set_threshold(*SELDOM)  # as the command line does
    times = [time.perf_counter()]

    def passed() -> None:
        times.append(time.perf_counter())

    import racketsim as rs
    from racketsim.results.folder import write_replicate
    from racketsim.results.replicate import Outcome

    rs.Sim  # noqa: B018  # loaded when it is first named
    passed()
    city = rs.load_scenario(SCENARIO)
    passed()
    outcome = Outcome.of(rs.Sim(city, seed=1).run())
    passed()
    with tempfile.TemporaryDirectory() as folder:
        write_replicate(Path(folder), 0, outcome, tables=True)
    passed()
    rs.Sim(city, seed=1).run()
    passed()
    names = ("import", "scenario", "first", "tables", "next")
    return dict(zip(names, (after - before for before, after in pairwise(times)), strict=True))


def _why(quick: bool) -> list[Measure]:
    """Return what the waiting consists of: compiling on a cold start, and the stages of a warm one."""
    compiled, ahead, warm = [], [], []
    for _ in range(1 if quick else 2):
        with tempfile.TemporaryDirectory() as cache:
            compiled.append(in_a_process(compiling, cores=1, changes={"NUMBA_CACHE_DIR": cache}))
        with tempfile.TemporaryDirectory() as cache:
            changes = {"NUMBA_CACHE_DIR": cache}
            command = [sys.executable, "-m", "racketsim", "compile"]
            begun = time.perf_counter()
            subprocess.run(command, check=True, env=environment(**changes), cwd=ROOT, capture_output=True)
            ahead.append(time.perf_counter() - begun)
            warm += [in_a_process(stages, changes=changes) for _ in range(2 if quick else 3)]
    measures = [
        Measure("compile ahead", "`racketsim compile`, no machine code kept", "s", tuple(ahead)),
    ]
    for name, what, unit in (
        ("functions", "functions that one replicate compiles", "functions"),
        ("all", "compiling them on one core", "s"),
        ("llvm", "calls of LLVM in the same process, the rest being numba's Python", "s"),
    ):
        measures.append(Measure(f"compiling {name}", what, unit, tuple(run[name] for run in compiled)))
    for name, what in (
        ("import", "warm start, 1: import"),
        ("scenario", "warm start, 2: reading the scenario"),
        ("first", "warm start, 3: one replicate, loading its machine code"),
        ("tables", "warm start, 4: writing it, tables included"),
        ("next", "for comparison: the same replicate again"),
    ):
        measures.append(Measure(f"stage {name}", what, "s", tuple(run[name] for run in warm)))
    return measures


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
    return Found([*measures, *_why(quick)], [])
