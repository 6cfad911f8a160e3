"""Cities for tests of mechanisms: Lima whole, Lima small, and three districts in a row; runs of them are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from racketsim.results.vocabulary import EVENT_TYPES
from racketsim.scenario.load import load_scenario
from racketsim.scenario.model import Quantity, Scenario
from racketsim.simulation import Sim

Columns = dict[str, npt.NDArray[Any]]
CODE = {name: code for code, name in enumerate(EVENT_TYPES)}
TERRITORIAL, REMOTE = 0, 1


def lima(overrides: Mapping[str, float] | None = None, *, share: int = 1, policies: bool = True) -> Scenario:
    """Return lima-2023 with one in `share` of its targets, with or without the policies that really happened."""
    scenario = load_scenario("lima-2023", dict(overrides or {}))
    if share > 1:
        scenario = replace(scenario, targets=scenario.targets // share)
    return scenario if policies else replace(scenario, policies=())


def without(scenario: Scenario, *roles: str) -> Scenario:
    """Return a scenario without the groups of some roles, and without policies, which may name them."""
    return replace(scenario, policies=(), groups=tuple(g for g in scenario.groups if g.role not in roles))


def with_group(scenario: Scenario, group_id: str, **changes: Any) -> Scenario:
    """Return a scenario with fields, or quantities by name, of one group replaced."""

    def change(given: Any) -> Any:
        quantities = dict(given.quantities)
        for name in set(changes) & set(quantities):
            quantities[name] = replace(quantities[name], value=changes[name])
        named = {name: value for name, value in changes.items() if name not in quantities}
        return replace(given, quantities=quantities, **named)

    return replace(scenario, groups=tuple(change(g) if g.id == group_id else g for g in scenario.groups))


def with_methods(scenario: Scenario, **quantities: float) -> Scenario:
    """Return a scenario with quantities of all methods replaced."""
    methods = tuple(replace(m, quantities=changed(m.quantities, quantities)) for m in scenario.methods)
    return replace(scenario, methods=methods)


def with_outlets(scenario: Scenario, **quantities: float) -> Scenario:
    """Return a scenario with quantities of all outlets replaced."""
    outlets = tuple(replace(o, quantities=changed(o.quantities, quantities)) for o in scenario.outlets)
    return replace(scenario, outlets=outlets)


def changed(held: Mapping[str, Quantity], values: Mapping[str, float]) -> dict[str, Quantity]:
    return {name: replace(q, value=values.get(name, q.value)) for name, q in held.items()}


def row_of_three(
    overrides: Mapping[str, float] | None = None, *, targets: int = 40_000, groups: Sequence[str] = ()
) -> Scenario:
    """Return districts A - B - C in a row, alike, with the kinds, methods and parameters of Lima and few groups.

    `groups` are ids of Lima; incumbents hold A, B and C, entrants arrive in A. Nothing else is there.
    """
    city = lima(overrides, policies=False)
    held = city.districts
    three = [0, 1, 2]
    adjacency = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], dtype=np.bool_)
    districts = replace(
        held,
        id=("a", "b", "c"),
        name=("A", "B", "C"),
        region=("R",) * 3,
        zone=("Z",) * 3,
        source=held.source[:3],
        population=np.array([1000, 2000, 4000]),
        officers=np.array([100, 100, 100]),
        exposure=np.ones(3),
        latitude=held.latitude[three],
        longitude=held.longitude[three],
        area_km2=held.area_km2[three],
        tile=held.tile[three],
        adjacency=adjacency,
    )
    per_kind = targets // 3 // len(city.kinds)
    chosen = [g for g in city.groups if g.id in groups]
    placed = tuple(
        replace(g, districts={"incumbent": (0, 1, 2), "entrant": (0,), "remote": ()}[g.role]) for g in chosen
    )
    return replace(
        city,
        districts=districts,
        groups=placed,
        records=None,
        headlines=(),
        targets=np.full((3, len(city.kinds)), per_kind, dtype=np.int64),
    )


def run(scenario: Scenario, until: str | None = None, seed: int = 1, **options: Any) -> Sim:
    """Simulate a scenario to a date."""
    return Sim(scenario, seed=seed, **options).run(until)


@cache
def whole_lima(seed: int = 1) -> Sim:
    """Return one finished run of all of Lima, 2018 to 2023."""
    return run(lima(), seed=seed)


@cache
def small_lima(seed: int = 1) -> Sim:
    """Return one finished run of Lima with one in twenty targets and all its members."""
    return run(lima(share=20), seed=seed)


def events(sim: Sim, what: str) -> Columns:
    """Return the events of one type as columns."""
    log = sim.log
    chosen = log["type"] == CODE[what]
    return {name: column[chosen] for name, column in log.items()}


def by_year(sim: Sim, name: str) -> npt.NDArray[Any]:
    """Return a flow of the records, summed to years (along the first axis)."""
    table = sim.records[name]
    return np.asarray(table.reshape(-1, 12, *table.shape[1:]).sum(axis=1))
