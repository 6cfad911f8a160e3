"""A bench for one mechanism alone: a test writes what it reads, steps it, and looks at what it writes and emits."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

import racketsim.mechanisms
from racketsim.city.city import City
from racketsim.engine import plan
from racketsim.engine.log import EventLog
from racketsim.engine.mechanism import Mechanism, Variable
from racketsim.scenario.model import Scenario

Array = npt.NDArray[Any]


@cache
def all_variables() -> dict[str, Variable]:
    """Return every variable that a mechanism of the package declares, by name."""
    found: dict[str, Variable] = {}
    for module in pkgutil.iter_modules(racketsim.mechanisms.__path__):
        for one in vars(importlib.import_module(f"racketsim.mechanisms.{module.name}")).values():
            if isinstance(one, type) and issubclass(one, Mechanism):
                found |= one.writes
    return found


class Recorder(EventLog):
    """A log that keeps events as they are given, one dictionary an event."""

    def __init__(self) -> None:
        super().__init__()
        self.given: list[dict[str, Any]] = []

    def add(self, what: str | npt.NDArray[np.uint8], day: int, rows: int, /, **values: Any) -> None:
        assert isinstance(what, str)
        for row in range(rows):
            columns = {name: np.broadcast_to(value, (rows,))[row].item() for name, value in values.items()}
            self.given.append({"type": what, "day": day, **columns})


class Bench:
    """One mechanism with a state of its own: `state` holds what it reads (zeros, to write to) and what it writes.

    `given` declares what it reads where no mechanism of the package does.
    """

    def __init__(
        self,
        mechanism: type[Any],
        scenario: Scenario,
        parameters: Mapping[str, float] | None = None,
        *,
        seed: int = 1,
        off: tuple[str, ...] = (),
        given: Mapping[str, Variable] | None = None,
    ) -> None:
        self.city = City(scenario, seed)
        self.log = Recorder()
        self.mechanism = mechanism(self.city, mechanism.Parameters(**(parameters or {})), self.log, off)
        known = {**(given or {}), **all_variables()}
        declared = {name: known[name] for name in mechanism.reads} | dict(mechanism.writes)
        sizes = self.city.sizes
        self.state: dict[str, Array] = {
            name: np.zeros([sizes[dim] for dim in one.dims], one.dtype) for name, one in declared.items()
        }
        plan.bind([self.mechanism], self.state)
        self.mechanism.prepare()

    def __getitem__(self, name: str) -> Array:
        return self.state[name]

    def run(self, first: int, last: int | None = None) -> None:
        """Step the days from `first` to `last`, both inclusive."""
        for day in range(first, (first if last is None else last) + 1):
            self.mechanism.step(day)

    def events(self, what: str) -> list[dict[str, Any]]:
        """Return the events of one type."""
        return [event for event in self.log.given if event["type"] == what]

    def incident(self, district: int, group: int, *, injured: int = 0, killed: int = 0, public: bool = True) -> None:
        """Add an incident of today."""
        n = int(self.state["incident_count"][0])
        values = {"class": district * self.city.kinds, "group": group, "injured": injured, "killed": killed}
        for name, value in {**values, "public": public, "key": 1000 + n}.items():
            if f"incident_{name}" in self.state:
                self.state[f"incident_{name}"][n] = value
        self.state["incident_count"][0] = n + 1

    def quiet(self) -> None:
        """Let today's incidents, reports, protests and arrests be none."""
        today = ("incident_count", "report_count", "protest_size", "protest_violent", "arrested", "cases_cleared")
        for name in (*today, "moving", "displaced", "public_threat", "deadline_kept", "burnt_reported_by_group"):
            if name in self.state:
                self.state[name][...] = 0
