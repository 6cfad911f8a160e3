"""Members of each cell (group x district): recruits, leavers, and every flow that other mechanisms cause (A1, A24).

Equation, with the flows of Prieto-Curiel et al. (2023, doi:10.1126/science.adh2888) that `growth` holds:
    recruits of a cell = rho * p * m, saturation losses = (rho / K_d) * m * (m + alpha * (M_d - m)) a day, netted;
    leavers = omega * m a day; a group without a leader neither recruits nor sheds,
p being who takes part (1 at the start), and a recruit needing a post that is paid (`recruitment`),
with m the members of the cell, M_d those of all groups in the district, K_d its capacity, and alpha the competition
coefficient of Lotka and Volterra (gang territories: Brantingham et al. 2012, doi:10.1111/j.1745-9125.2012.00281.x).
Incumbents are in equilibrium at the start (A24): K_d makes their recruits equal their leavers. It is not less than
`floor` members for each 10,000 targets, so that an empty district can be entered. Incumbents' members are shared over
their districts in proportion to targets x exposure. Both are birth and death processes with a threshold an event.
Members are conserved: every change is a recruit, a leaver, an arrest, a return, an arrival or a move.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np

from racketsim.engine.bound import LATE, bind
from racketsim.engine.cells import draw_thresholds, fire_cells
from racketsim.engine.kernel import Int, Real, kernel
from racketsim.engine.mechanism import Array, Mechanism, Switch, Variable
from racketsim.engine.streams import Stream
from racketsim.mechanisms.expansion import largest_remainder
from racketsim.mechanisms.growth import growth_hazards
from racketsim.mechanisms.parameters import Parameters, parameter

_RECRUIT, _LEAVE = int(Stream.RECRUITMENT_WAIT), int(Stream.LEAVING_WAIT)
_PER_TARGETS = 10_000.0


class MembershipParameters(Parameters):
    """How cells grow and shrink."""

    recruitment: float = parameter("1/day", "rho: recruits for each member in an empty district", ge=0.0, le=1.0)
    leaving: float = parameter("1/day", "omega: members who leave of their own accord", ge=0.0, le=1.0)
    competition: float = parameter(
        "1", "alpha: how much a member of another group takes from a cell's room", ge=0.0, le=2.0
    )
    floor: float = parameter("members/10,000 targets", "capacity of a district where there was nobody", ge=0.0, le=1e4)


@kernel
def crowding(members: Array, alpha: Real, crowd: Array) -> None:
    """Set `crowd[G, D]` to the members that take room from each cell: its own, and others at the rate alpha."""
    total = np.zeros(members.shape[1], dtype=np.int64)
    for group in range(members.shape[0]):
        for district in range(members.shape[1]):
            total[district] += members[group, district]
    for group in range(members.shape[0]):
        for district in range(members.shape[1]):
            crowd[group, district] = (1.0 - alpha) * members[group, district] + alpha * total[district]


@kernel
def flow(
    in_person: Array,
    arriving: Array,
    moving: Array,
    supplied: Array,
    returned: Array,
    arrested: Array,
    dismissed: Array,
    displaced: Array,
    fallen: Array,
    disbanded: Array,
    avenged: Array,
    lynched: Array,
    heir: Array,
    defecting: Array,
    members: Array,
) -> None:
    """Apply the day's flows to `members[G, D]`, then let factions leave; no cell falls below nobody."""
    for group in range(members.shape[0]):
        for district in range(members.shape[1]):
            change = arriving[group, district] + moving[group, district] + supplied[group, district]
            change += in_person[group] * (returned[group, district] - arrested[group, district])
            change += displaced[group, district] - dismissed[group, district] - fallen[group, district]
            change -= disbanded[group, district] + avenged[group, district] + lynched[group, district]
            members[group, district] = max(members[group, district] + change, 0)
    leaving = False
    for group in range(members.shape[0]):
        for district in range(members.shape[1]):
            leaving |= heir[group, district] >= 0
    if not leaving:
        return
    for group in range(members.shape[0]):
        for district in range(members.shape[1]):
            if heir[group, district] >= 0:
                gone = min(defecting[group, district], members[group, district])
                members[heir[group, district], district] += gone
                members[group, district] -= gone


@kernel
def turn_over(
    seed: Int,
    joining: Array,
    quitting: Array,
    recruit_threshold: Array,
    recruits: Array,
    leave_threshold: Array,
    leavers: Array,
    fired: Array,
    before: Array,
    members: Array,
) -> Int:
    """Let recruits come and leavers go by their hazards [G, D]; return how many cells have lost all of `before`."""
    if fire_cells(seed, _RECRUIT, joining, recruit_threshold, recruits, fired) > 0:
        for group in range(members.shape[0]):
            for district in range(members.shape[1]):
                members[group, district] += fired[group, district]
    if fire_cells(seed, _LEAVE, quitting, leave_threshold, leavers, fired) > 0:
        for group in range(members.shape[0]):
            for district in range(members.shape[1]):
                gone = min(fired[group, district], members[group, district])
                members[group, district] -= gone
                leavers[group, district] -= fired[group, district] - gone
    withdrawn = 0
    for group in range(members.shape[0]):
        for district in range(members.shape[1]):
            if before[group, district] > 0 and members[group, district] == 0:
                withdrawn += 1
    return withdrawn


class Membership(Mechanism):
    """Keep the members of every cell."""

    name = "membership"
    elements = ("A1", "A24")
    summary = "recruits, leavers, arrests, returns, arrivals and moves change the members"
    reads = (
        "arrested",
        "returned",
        "arriving",
        "moving",
        "supplied",
        "dismissed",
        "fallen",
        "displaced",
        "disbanded",
        "avenged",
        "lynched",
        "heir",
        "defecting",
        "leaderless_until",
        "participation",
        "posts",
    )
    writes = {
        "members": Variable(("group", "district"), "i8", "members", "members at large"),
        "capacity": Variable(("district",), "f8", "members", "members that a district can feed"),
        "recruit_threshold": Variable(("group", "district"), "f8", "1", "hazard until the next recruit"),
        "recruits": Variable(("group", "district"), "i8", "members", "recruited so far"),
        "leave_threshold": Variable(("group", "district"), "f8", "1", "hazard until the next leaver"),
        "leavers": Variable(("group", "district"), "i8", "members", "left so far"),
    }
    draws = (Stream.RECRUITMENT_WAIT, Stream.LEAVING_WAIT)
    emits = ("withdrawal",)
    switches = {"A24": Switch("nobody extorts in person before the entrants come", rests=False)}
    Parameters = MembershipParameters

    def accept(self, parameters: MembershipParameters) -> None:
        """Keep the parameters."""
        self.p = parameters
        shape = (self.city.groups, self.city.districts)
        roles = [group.role for group in self.city.scenario.groups]
        self._in_person = np.array([n >= len(roles) or roles[n] != "remote" for n in range(self.city.groups)])
        self._in_person[self.city.impostor] = False
        self._crowd = np.zeros(shape)
        self._joining, self._quitting = np.zeros(shape), np.zeros(shape)
        self._fired, self._before = np.zeros((2, *shape), dtype=np.int64)

    def prepare(self) -> None:
        """Put the incumbents in place, and set capacities so that they are in equilibrium."""
        v, city, p = self.v, self.city, self.p
        targets = city.counts.sum(axis=1)
        weight = targets * city.scenario.districts.exposure
        for place, group in enumerate(city.scenario.groups):
            if group.role == "incumbent":
                held = np.zeros(city.districts)
                held[list(group.districts)] = weight[list(group.districts)]
                v.members[place] = largest_remainder(round(group["members"]), held)
        present = v.members.sum(axis=0)
        crowding(v.members, p.competition, self._crowd)
        crowd = (v.members * self._crowd).sum(axis=0) / np.maximum(present, 1)
        room = 1.0 - p.leaving / p.recruitment if p.recruitment > p.leaving else 1.0
        v.capacity[:] = np.maximum(crowd / room, p.floor * targets / _PER_TARGETS)
        if "A24" in self.off:
            v.members[:] = 0
        draw_thresholds(self.seed, _RECRUIT, v.recruit_threshold)
        draw_thresholds(self.seed, _LEAVE, v.leave_threshold)

    def step(self, day: int) -> None:
        """Apply the flows of the day, then recruits and leavers."""
        v = self.v
        self._before[:] = v.members
        self._flow()
        self._crowding()
        self._growth_hazards(day)
        if self._turn_over():
            group, district = np.nonzero((self._before > 0) & (v.members == 0))
            self.log.add("withdrawal", day, len(group), group=group, district=district)

    @cached_property
    def _flow(self) -> Callable[..., None]:
        v = self.v
        gained = (v.arriving, v.moving, v.supplied, v.returned)
        lost = (v.arrested, v.dismissed, v.displaced, v.fallen, v.disbanded, v.avenged, v.lynched)
        return bind(flow, self._in_person, *gained, *lost, v.heir, v.defecting, v.members)

    @cached_property
    def _crowding(self) -> Callable[..., None]:
        return bind(crowding, self.v.members, self.p.competition, self._crowd)

    @cached_property
    def _growth_hazards(self) -> Callable[..., None]:
        v, p = self.v, self.p
        return bind(
            growth_hazards,
            v.members,
            self._crowd,
            v.capacity,
            v.participation,
            v.posts,
            v.leaderless_until,
            LATE,
            p.recruitment,
            p.leaving,
            self._joining,
            self._quitting,
        )

    @cached_property
    def _turn_over(self) -> Callable[..., int]:
        v = self.v
        return bind(
            turn_over,
            self.seed,
            self._joining,
            self._quitting,
            v.recruit_threshold,
            v.recruits,
            v.leave_threshold,
            v.leavers,
            self._fired,
            self._before,
            v.members,
        )
