"""One mechanism on its own: its variables, and what it reads as plain arrays that a test sets."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np

from racketsim.city.city import City
from racketsim.engine.log import EventLog
from racketsim.engine.mechanism import Mechanism, Variables
from racketsim.scenario.model import Scenario

M = TypeVar("M", bound=Mechanism)


def alone(
    kind: type[M],
    scenario: Scenario,
    parameters: dict[str, float],
    seed: int = 1,
    off: tuple[str, ...] = (),
    **read: Any,
) -> M:
    """Return a mechanism bound to zeros of its own and to the arrays `read`, before `prepare`."""
    city = City(scenario, seed)
    mechanism = kind(city, kind.Parameters(**parameters), EventLog(False), off)
    own = {
        name: np.zeros(tuple(city.sizes[dim] for dim in variable.dims), dtype=variable.dtype)
        for name, variable in kind.writes.items()
    }
    assert set(read) == set(kind.reads)
    mechanism.v = Variables({**own, **read})
    return mechanism
