"""Compile the kernels of a day in two processes that meet half way, while a cold start is under way.

Kernels are cached on disk (`engine.kernel`), so this is needed once for a state of the sources on a machine. The first
day of the simulation compiles from the morning on, beside what only a simulation knows to be needed; a helper compiles
from the evening. Each finds what the other has compiled.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryFile

import numba

from racketsim.city.city import City
from racketsim.engine import kernel, plan
from racketsim.engine.log import EventLog
from racketsim.engine.mechanism import Mechanism
from racketsim.ensembles.processes import cores, live_no_longer_than
from racketsim.errors import InputError
from racketsim.mechanisms.registry import DAY
from racketsim.scenario.load import load_scenario
from racketsim.scenario.model import Scenario


def is_cold() -> bool:
    """Whether the kernels of a day may still have to be compiled for this state of the sources."""
    return not _mark().exists()


@contextmanager
def compiling_ahead(scenario: Scenario, workers: int) -> Iterator[bool]:
    """Let a helper compile the day of `scenario` from its evening, while this process simulates.

    It takes two cores, and leave to use them: with one of the `workers` asked for, there is no helper.
    Yields whether the start is cold; if it is not, that is all. The helper ends with what is done here, or when this
    process is gone; what it has compiled is kept. The start stays cold until either of the two has been through: a
    helper that fails, or cannot be started, leaves it to this process.
    """
    if not is_cold():
        yield False
        return
    helper = None if min(workers, cores()) == 1 else _helper(scenario)
    try:
        yield True
        if helper is None or helper.poll() is not None:
            leave_mark()
    finally:
        if helper is not None:
            helper.kill()
            helper.wait()


def _helper(scenario: Scenario) -> subprocess.Popen[bytes] | None:
    """Start the helper, out of reach of Ctrl-C and silent, or return None where no process can be started."""
    command = [sys.executable, "-m", "racketsim.ensembles.warm", str(os.getpid()), str(scenario.path)]
    silent = subprocess.DEVNULL
    try:
        return subprocess.Popen(command, stdin=silent, stdout=silent, stderr=silent, start_new_session=True)
    except OSError:
        return None


def _mark() -> Path:
    """Return the file that stands once a day is compiled for this state of the sources, of numba and of Python."""
    folders = [Path(kernel.cache_folder(vars(sys.modules[mechanism.__module__]))) for mechanism in DAY]
    state = " ".join([numba.__version__, sys.version, *(folder.name for folder in folders)])
    return folders[0].parent / f"day-{hashlib.sha256(state.encode()).hexdigest()[:16]}.compiled"


def check_place() -> None:
    """Raise InputError where machine code cannot be kept."""
    folder = _mark().parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise InputError(
            f"{folder}: machine code cannot be kept there: {error.strerror}. Name another folder in the variable "
            "NUMBA_CACHE_DIR."
        ) from error


def leave_mark() -> None:
    """Note that a day is compiled, for `is_cold`."""
    with suppress(OSError):  # nothing can be kept there: the next start is cold as well
        _mark().parent.mkdir(parents=True, exist_ok=True)
        _mark().touch()


def bind_all(scenario: Scenario, order: Iterable[type[Mechanism]]) -> None:
    """Bind, and so compile, the kernels of the mechanisms in this order, on a state that holds nothing."""
    city, log = City(scenario, 1), EventLog()
    built = {}
    for mechanism in DAY:
        given = scenario.parameters.get(mechanism.name, {})
        values = {name: quantity.value for name, quantity in given.items()}
        built[mechanism] = mechanism(city, mechanism.Parameters(**values), log)
    plan.bind(built.values(), plan.allocate(city, DAY))
    for mechanism in order:
        for name, kept in vars(mechanism).items():
            if isinstance(kept, cached_property):
                getattr(built[mechanism], name)


if __name__ == "__main__":
    live_no_longer_than(int(sys.argv[1]))
    bind_all(load_scenario(sys.argv[2]), DAY[::-1])
    leave_mark()
