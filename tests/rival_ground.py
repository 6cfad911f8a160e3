"""A ground on which groups meet: `contest` and `retaliation` alone, with members that a test puts in place."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from racketsim.city.city import City
from racketsim.engine import plan
from racketsim.engine.log import EventLog
from racketsim.engine.mechanism import Mechanism, Variable
from racketsim.mechanisms.contest import Contest
from racketsim.mechanisms.retaliation import Retaliation
from tests.mechanism_city import row_of_three

CONTEST: dict[str, float] = {
    "clash_rate": 0.002,
    "contested_weight": 0.0,
    "vacuum": 0.0,
    "threat_share": 0.0,
    "threat_effect": 0.5,
    "threat_half_life": 60.0,
    "threat_prior": 2.0,
    "mu": 1.0,
    "arms": 0.0,
    "lethality": 0.0,
    "injured": 1.0,
    "bystanders": 0.3,
    "bystanders_killed": 0.05,
    "ceded_limit": 50.0,
    "yield_ratio": 0.0,
    "submission": 0.5,
    "joining": 0.5,
    "memory": 90.0,
    "quiet": 0.5,
    "tribute_elasticity": 0.25,
    "roving": 1.0,
}
RETALIATION: dict[str, float] = {"branching": 0.0, "delay_mean": 125.0, "lethality": 0.0, "bystander": 0.0}


class World(Mechanism):
    """What the rest of a city gives to `contest`."""

    name = "world"
    elements = ()
    summary = "holds what a test sets"
    writes: ClassVar[Mapping[str, Variable]] = {
        "members": Variable(("group", "district"), "i8", "members", ""),
        "arrested": Variable(("group", "district"), "i8", "members", ""),
        "moving": Variable(("group", "district"), "i8", "members", ""),
        "heir": Variable(("group", "district"), "i8", "group", ""),
        "violence": Variable(("group",), "f8", "1", ""),
        "leaderless_until": Variable(("group",), "i8", "day", ""),
        "truce": Variable(("group",), "f8", "share", ""),
        "relations_group": Variable(("district", "group"), "i8", "relations", ""),
    }

    def step(self, day: int) -> None:
        """Nothing happens by itself."""


class Recorder(EventLog):
    """An event log that takes any word and any column."""

    def __init__(self) -> None:
        super().__init__(keep=True)
        self.rows: list[dict[str, Any]] = []

    def add(self, what: str | npt.NDArray[np.uint8], day: int, rows: int, /, **values: Any) -> None:
        """Keep one row."""
        assert rows == 1
        self.rows.append({"what": what, "day": day, **values})

    def of(self, what: str) -> list[dict[str, Any]]:
        return [row for row in self.rows if row["what"] == what]


class Ground:
    """Three districts in a row, 0 - 1 - 2, and the members that `put` places there."""

    def __init__(
        self,
        seed: int = 1,
        contest: Mapping[str, float] | None = None,
        retaliation: Mapping[str, float] | None = None,
        off: Collection[str] = (),
    ) -> None:
        self.city = City(row_of_three(groups=["local_norte"]), seed)
        self.log = Recorder()
        self.contest = Contest(self.city, Contest.Parameters(**{**CONTEST, **(contest or {})}), self.log, off)
        answers = Retaliation.Parameters(**{**RETALIATION, **(retaliation or {})})
        self.retaliation = Retaliation(self.city, answers, self.log, off)
        kinds = (World, Contest, Retaliation)
        plan.check(kinds)
        self.state = plan.allocate(self.city, kinds)
        self.world = World(self.city, Mechanism.Parameters(), self.log)
        plan.bind((self.world, self.contest, self.retaliation), self.state)
        self.v = self.world.v
        self.v.heir[:] = -1
        self.v.violence[:] = 1.0
        self.contest.prepare()
        self.retaliation.prepare()
        self.day = 0

    def put(self, group: int, district: int, members: int, *, relations: int = 0) -> None:
        self.v.members[group, district] = members
        self.v.relations_group[district, group] = relations

    def live(self, days: int, *, lasting: bool = False) -> Ground:
        """Run `days` days; with `lasting` nobody is lost, so that rates can be counted."""
        for _ in range(days):
            for mechanism in (self.contest, self.retaliation):
                if not mechanism.rests:
                    mechanism.step(self.day)
            s = self.state
            if not lasting:
                self.v.members += s["displaced"] - s["fallen"] - s["disbanded"] - s["avenged"]
                assert (self.v.members >= 0).all()
            self.day += 1
        return self
