"""Leaders: removal, succession, and the breaking up of groups (A3).

When members of a group are arrested, its leader is among them with chance visibility * arrested / members (certainly
in a capture that takes the leader). A group without a leader recruits nobody and is more violent (`punishment`); a new
leader emerges after an exponential wait of about six months. At the removal the group breaks with chance
`fragmentation`: every cell divides at a uniform point, those who leave form a faction with the traits of its parent,
and the targets that they collect from go with them. Both factions are on the same ground and fight over it
(`contest`): the struggle for succession, and how the removal of leaders multiplies groups and violence (Calderon et
al. 2015, doi:10.1177/0022002715587053; Phillips 2015, Journal of Politics 77).
"""

from __future__ import annotations

import numpy as np

from racketsim.engine.cells import CELL_STRIDE
from racketsim.engine.log import event_id
from racketsim.engine.mechanism import Array, Mechanism, Variable
from racketsim.engine.philox import exponential, uniform
from racketsim.engine.streams import Stream
from racketsim.mechanisms.parameters import Parameters, parameter

_LEADER, _FRAGMENTATION, _SUCCESSION = int(Stream.LEADER), int(Stream.FRAGMENTATION), int(Stream.SUCCESSION)


class LeadershipParameters(Parameters):
    """How leaders fall and groups break."""

    visibility: float = parameter("1", "how much likelier than a member a leader is to be arrested", ge=0.0, le=100.0)
    succession_mean: float = parameter("days", "mean time without a leader", ge=1.0, le=1e4)
    fragmentation: float = parameter("probability", "that a group breaks when it loses its leader", ge=0.0, le=1.0)


class Leadership(Mechanism):
    """Keep the traits of groups; remove leaders, let groups break."""

    name = "leadership"
    elements = ("A3",)
    summary = "arrests may take a leader; a group without one is more violent and may break"
    reads = ("arrested", "members", "capture_leader")
    writes = {
        "violence": Variable(("group",), "f8", "1", "chance of punishing a refusal, relative to the parameter"),
        "signature": Variable(("group",), "i8", "method", "signature method, -1 none"),
        "signature_share": Variable(("group",), "f8", "probability", "that a punishment uses the signature"),
        "parent": Variable(("group",), "i8", "group", "group from which a group broke away, -1 none"),
        "alive": Variable(("group",), "u1", "1", "whether the place holds a group"),
        "leaderless_until": Variable(("group",), "i8", "day", "day on which a new leader emerges"),
        "removals": Variable(("group",), "i8", "1", "leaders lost so far"),
        "heir": Variable(("group", "district"), "i8", "group", "faction that leaves a cell today, -1 none"),
        "defecting": Variable(("group", "district"), "i8", "members", "members of a cell who leave with the faction"),
    }
    draws = (Stream.LEADER, Stream.FRAGMENTATION, Stream.SUCCESSION)
    emits = ("leader_removed", "fragmentation")
    Parameters = LeadershipParameters

    def accept(self, parameters: LeadershipParameters) -> None:
        """Keep the parameters."""
        self.p = parameters

    def prepare(self) -> None:
        """Take the traits of the groups from the scenario."""
        v, scenario = self.v, self.city.scenario
        methods = [method.id for method in scenario.methods]
        v.signature[:] = -1
        v.parent[:] = -1
        v.heir[:] = -1
        for place, group in enumerate(scenario.groups):
            v.alive[place] = 1
            v.violence[place] = group["violence"]
            v.signature_share[place] = group["signature_share"]
            if group.signature is not None:
                v.signature[place] = methods.index(group.signature)

    def step(self, day: int) -> None:
        """Look for leaders among today's arrested."""
        v = self.v
        v.heir[:] = -1
        v.defecting[:] = 0
        if not np.count_nonzero(v.arrested):
            return
        for group in np.flatnonzero(v.arrested.sum(axis=1)).tolist():
            members, arrested = int(v.members[group].sum()), int(v.arrested[group].sum())
            if members == 0 or v.leaderless_until[group] > day:
                continue
            chance = self.p.visibility * arrested / members
            if v.capture_leader[group] or uniform(self.seed, group, _LEADER, day) < chance:
                self._remove_leader(day, group)

    def _remove_leader(self, day: int, group: int) -> None:
        v = self.v
        v.removals[group] += 1
        nth = int(v.removals[group])
        wait = self.p.succession_mean * exponential(self.seed, group, _SUCCESSION, nth)
        v.leaderless_until[group] = day + 1 + int(wait)
        removal = event_id(_LEADER, group, day)
        largest = int(v.members[group].argmax())
        self.log.add("leader_removed", day, 1, event_id=removal, group=group, district=largest, count=1)
        empty = np.flatnonzero(v.alive == 0)
        empty = empty[empty != self.city.impostor]
        if empty.size == 0 or uniform(self.seed, group, _FRAGMENTATION, nth) >= self.p.fragmentation:
            return
        defecting = np.zeros_like(v.members[group])
        for district in np.flatnonzero(v.members[group] - v.arrested[group] > 1).tolist():
            share = uniform(self.seed, (group + 1) * CELL_STRIDE + district, _FRAGMENTATION, nth)
            defecting[district] = int(share * (v.members[group, district] - v.arrested[group, district]))
        if defecting.any():
            self._break_away(day, group, int(empty[0]), defecting, removal)

    def _break_away(self, day: int, group: int, new: int, defecting: Array, cause: int) -> None:
        v, cells = self.v, np.flatnonzero(defecting)
        v.alive[new] = 1
        v.parent[new] = group
        for trait in (v.violence, v.signature, v.signature_share):
            trait[new] = trait[group]
        v.heir[group, cells] = new
        v.defecting[group] = defecting
        self.log.add(
            "fragmentation", day, 1, group=new, district=int(cells[0]), count=int(defecting.sum()), caused_by=cause
        )
