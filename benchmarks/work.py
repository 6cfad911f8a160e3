"""How much work a run does, in counts that no busy machine changes: instructions of kernels, and calls of Python.

Compiled kernels are instrumented: at the end of every basic block of their optimised LLVM code the number of
instructions in it is added to a counter, and the number of loads and stores to another. Code is made for a generic
processor, so that every x86-64 machine counts the same. Python is counted in calls, to Python and to C functions.
"""

from __future__ import annotations

import ctypes
import gc
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import llvmlite.binding as llvm
from numba.core.codegen import CPUCodeLibrary

from benchmarks.measure import in_a_process

GENERIC = {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""}
"""Environment in which kernels are compiled alike on every machine of an architecture."""

COUNTERS = ("instructions", "touches")

_TERMINATOR = re.compile(r"\s+(br|ret|switch|unreachable|indirectbr|invoke|resume)\b")
_INSTRUCTION = re.compile(r"\s+(%[\w.\"$-]+ = |store |call |tail call |fence |br |ret |switch |unreachable)")
_TOUCH = re.compile(r"\s+(%[\w.\"$-]+ = (load|atomicrmw|cmpxchg) |store )")
_PHI = re.compile(r"\s+%[\w.\"$-]+ = phi ")

_cells = {name: ctypes.c_int64() for name in COUNTERS}


def instrumented(code: str) -> str:
    """Return the text of an LLVM module with its counters built in."""
    lines: list[str] = []
    inside, instructions, touches, places = False, 0, 0, 0
    for line in code.splitlines():
        if line.startswith("define "):
            inside, instructions, touches = True, 0, 0
        elif line.startswith("}"):
            inside = False
        elif inside and _INSTRUCTION.match(line) and not _PHI.match(line):
            instructions += 1
            touches += bool(_TOUCH.match(line))
            if _TERMINATOR.match(line):
                for name, count in zip(COUNTERS, (instructions, touches), strict=True):
                    if count:
                        lines += _added(name, count, places)
                places += 1
                instructions = touches = 0
        lines.append(line)
    return "\n".join([*lines, *(f"@racketsim_{name} = external global i64" for name in COUNTERS)]) + "\n"


def _added(name: str, count: int, place: int) -> list[str]:
    value = f"%racketsim.{name}.{place}"
    return [
        f"  {value} = load i64, ptr @racketsim_{name}",
        f"  {value}.next = add i64 {value}, {count}",
        f"  store i64 {value}.next, ptr @racketsim_{name}",
    ]


def instrument_kernels() -> None:
    """Let every kernel that is compiled from now on count its work. Call it before racketsim is imported."""
    for name, cell in _cells.items():
        llvm.add_symbol(f"racketsim_{name}", ctypes.addressof(cell))
    plain: Any = CPUCodeLibrary._finalize_final_module

    def counting(library: Any) -> None:
        if library._shared_module is None:  # not one that comes from the cache, where it has its counters already
            module = library._final_module
            shared = module.clone()
            for function in shared.functions:
                if not function.is_declaration and function.linkage == llvm.Linkage.external:
                    function.linkage = "linkonce_odr"
            library._shared_module = shared  # what callers inline, and then count themselves
            counted = llvm.parse_assembly(instrumented(str(module)))
            counted.name = module.name
            counted.verify()
            library._final_module = counted
        plain(library)

    CPUCodeLibrary._finalize_final_module = counting  # type: ignore[method-assign]


@contextmanager
def counting() -> Iterator[dict[str, int]]:
    """Count what is done inside: instructions and touches of kernels, calls of Python and of C functions."""
    found = {"python calls": 0, "c calls": 0}
    before = {name: cell.value for name, cell in _cells.items()}

    def told(_frame: Any, event: str, _argument: Any) -> None:
        if event == "call":
            found["python calls"] += 1
        elif event == "c_call":
            found["c calls"] += 1

    usual = gc.isenabled()
    gc.collect()
    gc.disable()  # what it finalises, and when, depends on what was compiled before
    sys.setprofile(told)
    try:
        yield found
    finally:
        sys.setprofile(None)
        if usual:
            gc.enable()
        found.update({name: cell.value - before[name] for name, cell in _cells.items()})


def of_a_run(
    scenario: str, seed: int, until: str | None, overrides: dict[str, str | float] | None = None
) -> dict[str, int]:
    """Return the work of one replicate, set-up included, in a process whose kernels are instrumented.

    Everything is compiled by a first run, which is not counted.
    """
    instrument_kernels()
    import racketsim as rs

    city = rs.load_scenario(scenario, overrides or {})
    rs.Sim(city, seed).run(until=until)
    with counting() as found:
        sim = rs.Sim(city, seed).run(until=until)
    return {**found, "events": len(sim.log["day"]), "days": sim.next_day}


def counted(function: Callable[..., dict[str, int]], cache: Path, **job: Any) -> dict[str, int]:
    """Return the counts of `function(**job)`, one such as `of_a_run`, in a process that loads its kernels from `cache`.

    Another process compiles them first: machine code that has just been compiled is linked in another order, and its
    instructions differ by a few in a thousand.
    """
    changes = {**GENERIC, "NUMBA_CACHE_DIR": str(cache)}
    in_a_process(function, changes=changes, **job)
    found: dict[str, int] = in_a_process(function, changes=changes, **job)
    return found
