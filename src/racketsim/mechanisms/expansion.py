"""Arrival and spread of entrants (A17, transplantation), and the territory of incumbents at the start (A24).

An entrant arrives on its date in its districts. Each cell of at least `minimum` members tries to expand with a hazard
in proportion to its members; it picks a neighbouring district e where it is absent with chance proportional to
    exp(take_weight * ln(targets_e / mean targets) - resistance_weight * rivals_e),
rivals_e being the marks of presence of all other groups there (`territory`) for each 10,000 targets, in members: it
goes where there is much to take and the owner is weak, or has been for a while (Varese 2011, Mafias on the Move;
Morselli et al. 2011, doi:10.1007/s12117-010-9105-2). A share of the cell moves.
Incumbents hold their ground and do not expand.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np

from racketsim.engine.bound import bind
from racketsim.engine.cells import CELL_STRIDE, draw_thresholds, fire_cells
from racketsim.engine.kernel import Int, Real, kernel
from racketsim.engine.log import event_id
from racketsim.engine.mechanism import Array, Mechanism, Switch, Variable
from racketsim.engine.philox import uniform
from racketsim.engine.streams import Stream
from racketsim.mechanisms.parameters import Parameters, parameter
from racketsim.mechanisms.territory import marks_of_rivals, place_weights
from racketsim.scenario.model import Group

_WAIT, _PLACE = int(Stream.EXPANSION_WAIT), int(Stream.EXPANSION_PLACE)
_PER_TARGETS = 10_000.0


class ExpansionParameters(Parameters):
    """How entrants spread."""

    rate: float = parameter("expansions/member-day", "expansions that one member sets off a day", ge=0.0, le=1.0)
    minimum: float = parameter("members", "smallest cell that expands", ge=2.0, le=1e4)
    moving_share: float = parameter("share", "share of the cell that moves", gt=0.0, le=0.9)
    take_weight: float = parameter("1", "weight of the log of targets in the choice of district", ge=0.0, le=20.0)
    resistance_weight: float = parameter("1", "weight of rivals' marks for each 10,000 targets", ge=0.0, le=20.0)


def largest_remainder(total: int, weights: Array) -> Array:
    """Share `total` whole members over districts in proportion to `weights`."""
    share = total * weights / max(weights.sum(), 1e-300)
    whole: Array = np.floor(share).astype(np.int64)
    whole[np.argsort(whole - share, kind="stable")[: total - int(whole.sum())]] += 1
    return whole


@kernel
def await_expansions(
    seed: Int,
    rate: Real,
    minimum: Real,
    entrant: Array,
    alive: Array,
    parent: Array,
    members: Array,
    threshold: Array,
    expansions: Array,
    spreads: Array,
    hazard: Array,
    fired: Array,
    flows: Sequence[Array],
    expanded: Array,
) -> Int:
    """Let the cells of groups that expand live through their hazards; return how many fire.

    Nobody has moved yet today: `flows[G, D]` and `expanded[D]` are set to 0.
    Entrants expand (`entrant[g]`, for the groups of the scenario), and groups that broke away from one.
    """
    expanded[:] = 0
    for flow in flows:
        flow[:] = 0
    for group in range(members.shape[0]):
        known = group < entrant.size
        spreads[group] = entrant[group] if known else alive[group] == 1 and spreads[parent[group]]
        for district in range(members.shape[1]):
            here = members[group, district]
            hazard[group, district] = here * rate if spreads[group] and here >= minimum else 0.0
    return fire_cells(seed, _WAIT, hazard, threshold, expansions, fired)


class Expansion(Mechanism):
    """Let entrants arrive and spread."""

    name = "expansion"
    elements = ("A17", "A24")
    summary = "entrants arrive on their date and spread to neighbouring districts"
    reads = ("members", "alive", "parent", "marks")
    writes = {
        "arriving": Variable(("group", "district"), "i8", "members", "members who arrive in the city today"),
        "moving": Variable(("group", "district"), "i8", "members", "members gained (or lost) by expansion today"),
        "expansion_threshold": Variable(("group", "district"), "f8", "1", "hazard until the next expansion"),
        "expansions": Variable(("group", "district"), "i8", "1", "expansions of a cell so far"),
        "expanded": Variable(("district",), "i8", "1", "expansions into a district today"),
    }
    draws = (Stream.EXPANSION_WAIT, Stream.EXPANSION_PLACE)
    emits = ("arrival", "expansion")
    switches = {"A17": Switch("no entrant arrives and nobody spreads")}
    Parameters = ExpansionParameters

    def accept(self, parameters: ExpansionParameters) -> None:
        """Keep the parameters, and what a district offers."""
        self.p = parameters
        targets = self.city.counts.sum(axis=1).astype(np.float64)
        self._targets = np.maximum(targets, 1.0)
        self._offer = parameters.take_weight * np.log(self._targets / targets.mean())
        groups = self.city.scenario.groups
        self._entrant = np.array([group.role == "entrant" for group in groups])
        self._arrivals: dict[int, list[tuple[int, Group]]] = {}
        for place, group in enumerate(groups):
            if group.role == "entrant" and group.arrival is not None:
                self._arrivals.setdefault(self.city.day_of(group.arrival), []).append((place, group))
        self._spreads = np.zeros(self.city.groups, dtype=np.bool_)
        self._hazard = np.zeros((self.city.groups, self.city.districts))
        self._fired = np.zeros((self.city.groups, self.city.districts), dtype=np.int64)

    def prepare(self) -> None:
        """Draw the first thresholds."""
        draw_thresholds(self.seed, _WAIT, self.v.expansion_threshold)

    def step(self, day: int) -> None:
        """Arrivals of the day, then expansions."""
        v = self.v
        fired = self._await_expansions()
        for place, entrant in self._arrivals.get(day, ()):
            places = list(entrant.districts)
            v.arriving[place, places] = largest_remainder(round(entrant["members"]), np.ones(len(places)))
            self.log.add("arrival", day, len(places), group=place, district=places, count=v.arriving[place, places])
        if fired:
            for group, district in np.argwhere(self._fired).tolist():
                self._expand(day, group, district)

    @cached_property
    def _await_expansions(self) -> Callable[..., int]:
        v, p = self.v, self.p
        return bind(
            await_expansions,
            self.seed,
            p.rate,
            p.minimum,
            self._entrant,
            v.alive,
            v.parent,
            v.members,
            v.expansion_threshold,
            v.expansions,
            self._spreads,
            self._hazard,
            self._fired,
            (v.arriving, v.moving),
            v.expanded,
        )

    def _expand(self, day: int, group: int, district: int) -> None:
        v = self.v
        around = self.city.neighbours[slice(*self.city.neighbour_starts[district : district + 2])]
        around = around[v.members[group, around] + v.moving[group, around] == 0]
        if around.size == 0:
            return
        rivals, weights = np.empty((2, 1, around.size))
        marks_of_rivals(v.marks, group, around, rivals[0])
        rivals *= _PER_TARGETS / self._targets[around]
        place_weights(self._offer[None, around], rivals, self.p.resistance_weight, weights)
        shares = np.cumsum(weights)
        cell, nth = group * CELL_STRIDE + district, int(v.expansions[group, district])
        goal = around[np.searchsorted(shares, uniform(self.seed, cell, _PLACE, nth) * shares[-1], side="right")]
        moved = max(1, int(self.p.moving_share * (v.members[group, district] + v.moving[group, district])))
        v.moving[group, district] -= moved
        v.moving[group, goal] += moved
        v.expanded[goal] += 1
        self.log.add("expansion", day, 1, event_id=event_id(_PLACE, cell, nth), group=group, district=goal, count=moved)
