"""Compile the kernels of a day in two processes that meet half way, while a cold start is under way.

Kernels are cached on disk (`engine.kernel`), so this is needed once for a state of the sources on a machine. The first
day of the simulation compiles from the morning on, beside what only a simulation knows to be needed; a helper compiles
from the evening. Each finds what the other has compiled.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from racketsim.city.city import City
from racketsim.engine import kernel, plan
from racketsim.engine.log import EventLog
from racketsim.engine.mechanism import Mechanism
from racketsim.ensembles.processes import cores, live_no_longer_than
from racketsim.mechanisms import record_sums
from racketsim.mechanisms.registry import DAY
from racketsim.scenario.load import load_scenario
from racketsim.scenario.model import Scenario


def is_cold() -> bool:
    """Whether the kernels of a day are still to be compiled for this state of the sources."""
    return not any(Path(kernel.cache_folder(vars(record_sums))).rglob("*.nbi"))


@contextmanager
def compiling_ahead(scenario: Scenario) -> Iterator[None]:
    """Let a helper compile the day of `scenario` from its evening, while this process simulates; two cores are needed.

    The helper stops when this process fails or is gone.
    """
    if cores() == 1:
        yield
        return
    helper = subprocess.Popen([sys.executable, "-m", "racketsim.ensembles.warm", str(scenario.path)])
    try:
        yield
    except BaseException:
        helper.kill()
        raise
    finally:
        helper.wait()


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
    live_no_longer_than(os.getppid())
    bind_all(load_scenario(sys.argv[1]), DAY[::-1])
