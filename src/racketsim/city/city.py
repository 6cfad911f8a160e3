"""The unchanging structure of a simulated city, laid out in arrays.

Targets are numbered by class, and classes by district and then kind, so that the targets of a class lie side by side.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import numpy.typing as npt

from racketsim.scenario.model import Scenario

SPARE_GROUPS = 16
"""Room for groups that are born during a run, when a group breaks up."""

SMALLEST_ROOM = 4096
DAY_SHARE = 8
HELD_SHARE = 4
"""Room for a day's demands and for what is under way: a part of the targets, and at least the smallest room."""

MOST_CLASHES = 256
"""Room for the clashes between groups of one day."""

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


TRANSIENT = ("demand", "today")
"""Dimensions of variables that hold one day's batch: nothing in them outlives the day."""


@dataclass(frozen=True)
class City:
    """One scenario laid out for the engine: sizes, classes of targets, columns by kind, months by day."""

    scenario: Scenario
    seed: int
    starts: Ints = field(init=False)

    def __post_init__(self) -> None:
        counts = self.scenario.targets.reshape(-1)
        object.__setattr__(self, "starts", np.concatenate([[0], np.cumsum(counts)]).astype(np.int64))

    @property
    def districts(self) -> int:
        """Number of districts."""
        return len(self.scenario.districts)

    @property
    def kinds(self) -> int:
        """Number of kinds of targets."""
        return len(self.scenario.kinds)

    @property
    def groups(self) -> int:
        """Number of group places: the groups of the scenario, one for impostors, and the spare ones."""
        return len(self.scenario.groups) + 1 + SPARE_GROUPS

    @property
    def impostor(self) -> int:
        """Place of the impostors, who belong to no group: the one after the groups of the scenario."""
        return len(self.scenario.groups)

    @property
    def classes(self) -> int:
        """Number of classes of targets (district x kind)."""
        return self.districts * self.kinds

    @property
    def targets(self) -> int:
        """Number of targets."""
        return int(self.starts[-1])

    @cached_property
    def days(self) -> int:
        """Number of days of the scenario, first and last included."""
        return (self.scenario.end - self.scenario.start).days + 1

    @cached_property
    def month_of_day(self) -> Ints:
        """Month of each day, counted from the month of the first day."""
        first = self.scenario.start
        days = (first + timedelta(days=n) for n in range(self.days))
        return np.array([(d.year - first.year) * 12 + d.month - first.month for d in days], dtype=np.int64)

    @property
    def months(self) -> int:
        """Number of months that the scenario touches."""
        return int(self.month_of_day[-1]) + 1

    def day_of(self, when: date) -> int:
        """Return the day number of a date (negative before the start)."""
        return (when - self.scenario.start).days

    def date_of(self, day: int) -> date:
        """Return the date of a day number."""
        return self.scenario.start + timedelta(days=day)

    def column(self, quantity: str) -> Floats:
        """Return one quantity of the kinds of targets as a column."""
        return np.array([kind[quantity] for kind in self.scenario.kinds], dtype=np.float64)

    @cached_property
    def counts(self) -> Ints:
        """Targets by district and kind, `[D, K]`."""
        return self.scenario.targets

    @cached_property
    def neighbour_starts(self) -> Ints:
        """Where the neighbours of each district begin in `neighbours`, `[D + 1]`."""
        return np.concatenate([[0], np.cumsum(self.scenario.districts.adjacency.sum(axis=1))]).astype(np.int64)

    @cached_property
    def neighbours(self) -> Ints:
        """Neighbours of all districts, one district after another."""
        return np.nonzero(self.scenario.districts.adjacency)[1].astype(np.int64)

    @cached_property
    def sizes(self) -> dict[str, int]:
        """Size of every dimension that a variable may have."""
        return {
            "one": 1,
            "three": 3,
            "utility": 8,
            "channel": 2,
            "frailty": 1024,
            "district": self.districts,
            "kind": self.kinds,
            "group": self.groups,
            "method": len(self.scenario.methods),
            "class": self.classes,
            "target": self.targets,
            "heap": self.targets,
            "eight": -(-self.targets // 8),
            "today": max(SMALLEST_ROOM, self.targets // DAY_SHARE),
            "pending": max(SMALLEST_ROOM, self.targets // HELD_SHARE),
            "due": SMALLEST_ROOM + self.targets,
            "demand": max(SMALLEST_ROOM, self.targets // DAY_SHARE),
            "day": self.days,
            "month": self.months,
            "activity": 5,
            "policy": 1024,
            "trigger": 16,
            "begun": 64,
            "window": 92,
            "clash": MOST_CLASHES,
            "feud": SMALLEST_ROOM,
        }
