"""The crowd mechanisms alone in three districts in a row: what other mechanisms write is set by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from racketsim.city.city import City
from racketsim.engine.mechanism import Mechanism, Variables
from racketsim.scenario.model import Quantity, Scenario
from tests.mechanism_city import row_of_three

ASSEMBLY = {"shop": 0.0, "market_stall": 100.0, "street_vendor": 50.0, "mototaxi": 40.0, "bus_unit": 50.0}
GROUPS = ("local_norte", "gallegos")
INCUMBENT, ENTRANT = 0, 1
A, B, C = 0, 1, 2

CALM: dict[str, float] = {
    "memory": 90.0,
    "demand_weight": 0.2,
    "payer_weight": 1.0,
    "violence_weight": 0.02,
    "threat_weight": 5.0,
    "threshold_mean": 0.4,
    "threshold_spread": 0.2,
    "grievance_weight": 1.0,
    "fear": 0.2,
    "risk_factor": 2.3,
    "officers_at_hand": 0.05,
    "outbreak_rate": 0.0,
    "reach_tail": 1.2,
    "violent_first": 0.0,
    "patience": 21.0,
    "relief": 0.1,
    "escalation": 0.25,
    "contagion": 0.4,
    "response": 0.0,
    "repertoire_memory": 270.0,
    "association_size": 200.0,
    "association": 0.0,
    "association_pull": 2.0,
    "association_days": 60.0,
    "capture": 0.0,
    "capture_actors": 0.03,
    "capture_wage": 50.0,
    "capture_budget": 5.0,
}
"""Parameters of a city in which nobody protests."""

ANGRY = {**CALM, "outbreak_rate": 0.05, "threshold_mean": 0.1, "fear": 0.0}
"""Parameters of a city in which whoever hears of a protest comes, and a district has one every few days."""

VIOLENT: dict[str, float] = {
    "attacks": 1.0,
    "vehicle_share": 0.6,
    "false_positive": 0.4,
    "report_error": 0.35,
    "lethality": 0.1,
    "vigilante_rate": 0.0,
    "steering": 0.7,
}

_DISTRICT = (
    "clashes",
    "clash_injured",
    "clash_killed",
    "retaliated",
    "retaliation_injured",
    "protest_size",
    "protest_nth",
)
_FIGHTS = ("displaced", "fallen", "disbanded", "avenged")
_DISTRICT_REAL = ("threat_alarm", "crowd_resolve", "trust", "distrust", "patrols", "surge", "grievance")
_DEMANDS, _INCIDENTS = 512, 64


class Notes:
    """Keeps what a mechanism logs, as rows."""

    keep = True

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []

    def add(self, what: str, day: int, rows: int, /, **values: Any) -> None:
        assert rows == 1
        self.rows.append({"type": what, "day": day, **values})

    def of(self, *types: str) -> list[dict[str, Any]]:
        return [row for row in self.rows if row["type"] in types]


def three_districts(targets: int = 40_000) -> Scenario:
    """Return districts A - B - C with an incumbent in all and an entrant, and sizes of assemblies."""
    scenario = row_of_three(targets=targets, groups=GROUPS)
    kinds = tuple(
        replace(k, quantities={**k.quantities, "assembly": Quantity(ASSEMBLY[k.id], "people", None, None, "", "")})
        for k in scenario.kinds
    )
    return replace(scenario, kinds=kinds)


def _others(city: City) -> dict[str, np.ndarray]:
    """Return what other mechanisms write, on a day on which nothing happens."""
    districts, groups, kinds = city.districts, city.groups, city.kinds
    state: dict[str, np.ndarray] = {name: np.zeros(districts, dtype=np.int64) for name in _DISTRICT}
    state |= {name: np.zeros(districts) for name in _DISTRICT_REAL}
    state |= {
        name: np.zeros((groups, districts), dtype=np.int64)
        for name in ("cases_opened", "cases_cleared", "members", "arrested", "moving", "dismissed", *_FIGHTS)
    }
    state["heir"] = np.full((groups, districts), -1)
    state |= {name: np.zeros((districts, groups), dtype=np.int64) for name in ("relations_group", "income_group")}
    state |= {name: np.zeros(1, dtype=np.int64) for name in ("demand_count", "incident_count")}
    state |= {
        name: np.zeros(_INCIDENTS, dtype=np.int32) for name in ("incident_class", "incident_injured", "incident_killed")
    }
    state["incident_public"] = np.zeros(_INCIDENTS, dtype=np.uint8)
    state["demand_class"] = np.zeros(_DEMANDS, dtype=np.int32)
    state["demand_reason"] = np.zeros(_DEMANDS, dtype=np.int8)
    state["payments_kind"] = np.zeros((districts, kinds), dtype=np.int64)
    state["parent"] = np.full(groups, -1)
    state["emergency"] = np.zeros(districts, dtype=np.uint8)
    state["protest_violent"] = np.zeros(districts, dtype=np.uint8)
    state["protest_rival"] = np.full(districts, -1)
    state |= {name: np.ones(districts) for name in ("mobility", "crowd_credibility")}
    state["trust"][:] = 0.5
    state["patrols"][:] = 100.0
    state["members"][INCUMBENT] = (50, 60, 70)
    return state


class Alone:
    """One mechanism of the crowd, stepped by hand; `v` are its variables, all of them open to be set."""

    def __init__(
        self,
        mechanism: type[Mechanism],
        parameters: Mapping[str, float],
        *,
        seed: int = 1,
        off: Sequence[str] = (),
        scenario: Scenario | None = None,
        **changes: Any,
    ) -> None:
        self.city = City(scenario or three_districts(), seed)
        self.log = Notes()
        values = mechanism.Parameters(**{**parameters, **changes})
        self.mechanism = mechanism(self.city, values, self.log, off)  # type: ignore[arg-type]
        sizes = self.city.sizes
        own = {n: np.zeros([sizes[d] for d in x.dims], dtype=x.dtype) for n, x in mechanism.writes.items()}
        others = {name: array for name, array in _others(self.city).items() if name in mechanism.reads}
        assert set(others) == set(mechanism.reads)
        self.v = self.mechanism.v = Variables({**own, **others})
        self.mechanism.prepare()
        self.day = 0

    def live(self, days: int = 1) -> Alone:
        """Step some days."""
        for _ in range(days):
            self.mechanism.step(self.day)
            self.day += 1
        return self

    def demand(self, number: int, district: int) -> None:
        """Let `number` targets of a district be asked on each of the next days."""
        self.v.demand_count[0] = number
        self.v.demand_class[:number] = district * self.city.kinds

    def incident(self, district: int, *, hurt: int = 0, public: bool = True) -> None:
        """Let one punishment happen in a district on each of the next days."""
        self.v.incident_count[0] = 1
        self.v.incident_class[0] = district * self.city.kinds
        self.v.incident_injured[0] = hurt
        self.v.incident_public[0] = public
