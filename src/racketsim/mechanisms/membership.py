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

import numpy as np

from racketsim.engine.cells import draw_thresholds, fire_cells
from racketsim.engine.kernel import Real, kernel
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
    for district in range(members.shape[1]):
        total = 0
        for group in range(members.shape[0]):
            total += members[group, district]
        for group in range(members.shape[0]):
            crowd[group, district] = (1.0 - alpha) * members[group, district] + alpha * total


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
        "clash_count",
        "fallen",
        "displaced",
        "disbanded",
        "retaliated",
        "avenged",
        "heir",
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
        self._fired = np.zeros(shape, dtype=np.int64)

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
        before = v.members > 0 if self.log.keep else None
        self._flows()
        crowding(v.members, self.p.competition, self._crowd)
        growth_hazards(
            v.members,
            self._crowd,
            v.capacity,
            v.participation,
            v.posts,
            v.leaderless_until,
            day,
            self.p.recruitment,
            self.p.leaving,
            self._joining,
            self._quitting,
        )
        if self._fire(_RECRUIT, self._joining, v.recruit_threshold, v.recruits):
            v.members += self._fired
        if self._fire(_LEAVE, self._quitting, v.leave_threshold, v.leavers):
            gone = np.minimum(self._fired, v.members)
            v.members -= gone
            v.leavers -= self._fired - gone
        if before is not None:
            group, district = np.nonzero(before & (v.members == 0))
            self.log.add("withdrawal", day, len(group), group=group, district=district)

    def _fire(self, stream: int, hazard: Array, threshold: Array, events: Array) -> int:
        return int(fire_cells(self.seed, stream, hazard, threshold, events, self._fired))

    def _flows(self) -> None:
        v = self.v
        if np.count_nonzero(v.arriving) or np.count_nonzero(v.moving):
            v.members += v.arriving
            v.members += v.moving
        if np.count_nonzero(v.supplied):
            v.members += v.supplied
        if np.count_nonzero(v.arrested) or np.count_nonzero(v.returned):
            here = self._in_person
            v.members[here] += v.returned[here] - v.arrested[here]
        if np.count_nonzero(v.dismissed):
            v.members -= v.dismissed
        if v.clash_count[0] or np.count_nonzero(v.retaliated):
            v.members += v.displaced - v.fallen - v.disbanded - v.avenged
        np.maximum(v.members, 0, out=v.members)
        for group, district in np.argwhere(v.heir >= 0):
            v.members[v.heir[group, district], district] += v.members[group, district]
            v.members[group, district] = 0
