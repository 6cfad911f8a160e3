"""Compile the kernels of a day before a cold start, in two processes that meet half way.

Kernels are cached on disk (`engine.kernel`), so this is needed once for a state of the sources on a machine. One
process goes through the day from the morning, another from the evening; each finds what the other has compiled.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from racketsim.city.city import City
from racketsim.engine import kernel, plan
from racketsim.engine.log import EventLog
from racketsim.engine.mechanism import Mechanism
from racketsim.ensembles.processes import cores
from racketsim.mechanisms import records
from racketsim.mechanisms.registry import DAY
from racketsim.scenario.load import load_scenario
from racketsim.scenario.model import Scenario


def is_cold() -> bool:
    """Whether the kernels of a day are still to be compiled for this state of the sources."""
    return not any(Path(kernel.cache_folder(vars(records))).rglob("*.nbi"))


def warm_up(scenario: Scenario) -> None:
    """Compile what a day of `scenario` needs, on two cores where there are two."""
    command = [sys.executable, "-m", "racketsim.ensembles.warm", str(scenario.path)]
    helper = subprocess.Popen(command) if cores() > 1 else None
    bind_all(scenario, DAY)
    if helper is not None:
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
    bind_all(load_scenario(sys.argv[1]), DAY[::-1])
