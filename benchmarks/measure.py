"""What is measured: named values over repeats, each a median with its spread; functions in a process of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Measure:
    """One thing that was measured: its name, what it is, its unit, and its value in every repeat."""

    name: str
    what: str
    unit: str
    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle of the repeats."""
        return median(self.values)

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)


def read_measures(part: Mapping[str, Any]) -> dict[str, Measure]:
    """Return the measures of a part of the results by name."""
    found = [Measure(m["name"], m["what"], m["unit"], tuple(m["values"])) for m in part["measures"]]
    return {measure.name: measure for measure in found}


def seconds_of(function: Callable[[], object], repeats: int) -> list[float]:
    """Return the wall seconds of each of `repeats` calls."""
    found = []
    for _ in range(repeats):
        begun = time.perf_counter()
        function()
        found.append(time.perf_counter() - begun)
    return found


def peak_memory() -> float:
    """Return the most memory in MB (10**6 bytes) that this process has held at a time, as Linux counts it."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise RuntimeError("/proc/self/status does not tell the peak of memory")


def environment(**changes: str) -> dict[str, str]:
    """Return the environment for a measured process: bytecode may be written, as it is everywhere else."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    paths = [str(ROOT / "src"), str(ROOT)]
    return {**kept, "PYTHONPATH": os.pathsep.join(paths), **changes}


def in_a_process(
    function: Callable[..., Any],
    /,
    *,
    cores: int | None = None,
    changes: Mapping[str, str] | None = None,
    **arguments: Any,
) -> Any:
    """Call a function of a module in a Python process of its own, on `cores` cores, and return what it returns.

    `changes` are made to its environment. Arguments and result travel as JSON.
    """
    code = (
        "import importlib, json, os, sys\n"
        "module, name, cores, arguments = json.loads(sys.argv[1])\n"
        "if cores: os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-cores:])\n"
        "print(json.dumps(getattr(importlib.import_module(module), name)(**arguments)))\n"
    )
    call = json.dumps([function.__module__, function.__name__, cores, arguments])
    done = subprocess.run(
        [sys.executable, "-c", code, call],
        capture_output=True,
        text=True,
        env=environment(**(changes or {})),
        cwd=ROOT,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{function.__module__}.{function.__name__} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])
