"""Ultimatums (A23): a commitment in public with a deadline, and what follows at the deadline.

One at a time in a district. A group's is a public threat that sets a deadline, with chance `group_sets`; it is met
where nobody protests in the district until then. A crowd's follows a riot, with chance `crowd_sets` * how far the crowd
is believed; it tells the group with most members there to leave, and is met where none is left. At the deadline of one
that is not met either violence rises, with chance `group_acts` or `crowd_acts` * belief: punishment by the group, or
the violent share of the crowd, for `aftermath` days. Or it passes, and who set it is believed less: the group's threats
(`deadline_kept`, read by `signals`), or the crowd (`crowd_credibility`; half of the loss comes back in some time).

Draws: whether a deadline is set, and whether it is carried out. References: Schelling (1960, The Strategy of Conflict)
on commitment; Fearon (1994, doi:10.2307/2944796) on audience costs.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np

from racketsim.engine.bound import LATE, bind
from racketsim.engine.cells import CELL_STRIDE
from racketsim.engine.kernel import Int, Real, kernel
from racketsim.engine.log import event_id
from racketsim.engine.mechanism import Array, Mechanism, Switch, Variable
from racketsim.engine.philox import uniform
from racketsim.engine.streams import Stream
from racketsim.mechanisms import signal_rules as rules
from racketsim.mechanisms.parameters import Parameters, parameter

NOBODY, CROWD = -1, -2
"""Who sets an ultimatum, or is told to give way, where it is no group."""

_ANNOUNCED, _THREAT, _WHETHER = int(Stream.ULTIMATUM), int(Stream.PUBLIC_THREAT_WAIT), int(Stream.PUBLIC_THREAT)
_OUTCOME, _OUTBREAK = int(Stream.ULTIMATUM_OUTCOME), int(Stream.OUTBREAK)
_DAY_BIT = 1 << 23
"""Set in the ordinal of a draw by day, to keep it apart from the ordinals of ids."""


class UltimatumParameters(Parameters):
    """Who sets deadlines, and who carries out what was said."""

    deadline: int = parameter("days", "time that an ultimatum gives", ge=1, le=365)
    group_sets: float = parameter("probability", "that a public threat sets a deadline", ge=0.0, le=1.0)
    group_acts: float = parameter("probability", "that a group carries out what is not met", ge=0.0, le=1.0)
    crowd_sets: float = parameter("probability", "that a riot sets one, of a crowd that is believed", ge=0.0, le=1.0)
    crowd_acts: float = parameter("probability", "that such a crowd carries out what is not met", ge=0.0, le=1.0)
    aftermath: int = parameter("days", "time of raised violence after the deadline", ge=1, le=1000)
    group_violence: float = parameter("1", "factor on punishment by the group in that time", ge=1.0, le=10.0)
    crowd_violence: float = parameter("1", "added to the violent share of the crowd in that time", ge=0.0, le=1.0)
    crowd_loss: float = parameter("share", "belief in the crowd that is lost where it lets pass", ge=0.0, le=1.0)
    crowd_restore: float = parameter("share", "lost belief that comes back where it is met or acts", ge=0.0, le=1.0)
    crowd_half_life: float = parameter("days", "time in which half of the loss comes back", gt=0.0, le=1e4)


@kernel
def begin(keep: Real, deadline: Array, threat: Array, violent: Array, credibility: Array, kept: Array) -> bool:
    """Let belief in the crowds come back, and return whether an ultimatum runs or today may set one."""
    busy = False
    for district in range(credibility.size):
        credibility[district] = 1.0 - keep * (1.0 - credibility[district])
        busy |= deadline[district] >= 0 or violent[district] > 0
    for group in range(kept.size):
        kept[group] = 0
        busy |= threat[group] != 0
    return busy


@kernel
def end(
    day: Int,
    violent_until: Array,
    crowd_until: Array,
    group_violence: Real,
    crowd_violence: Real,
    violence: Array,
    resolve: Array,
) -> None:
    """Raise violence where the time after a deadline that was kept runs."""
    for group in range(violence.size):
        violence[group] = group_violence if violent_until[group] > day else 1.0
    for district in range(resolve.size):
        resolve[district] = crowd_violence if crowd_until[district] > day else 0.0


class Ultimatums(Mechanism):
    """Set deadlines, and settle those that have come."""

    name = "ultimatums"
    elements = ("A23",)
    summary = "groups and crowds set deadlines; at the deadline violence rises or belief falls"
    reads = (
        "members",
        "protest_size",
        "protest_violent",
        "protest_nth",
        "public_threat",
        "threats",
        "threat_district",
    )
    writes = {
        "ultimatums": Variable(("district",), "i8", "ultimatums", "ultimatums so far"),
        "ultimatum_who": Variable(("district",), "i2", "group", "who set the deadline: a group, -1 none, -2 a crowd"),
        "ultimatum_whom": Variable(("district",), "i2", "group", "who is told to give way: a group, -2 the crowd"),
        "ultimatum_day": Variable(("district",), "i4", "day", "on which the last was set, -1 never"),
        "ultimatum_deadline": Variable(("district",), "i4", "day", "the deadline, -1 none"),
        "ultimatum_defied": Variable(("district",), "u1", "1", "whether there was a protest since it was set"),
        "deadline_kept": Variable(("group",), "i1", "1", "today's outcome: 1 it has acted, -1 it has let pass"),
        "violent_until": Variable(("group",), "i4", "day", "first day after the violence of a deadline"),
        "deadline_violence": Variable(("group",), "f8", "1", "factor on punishment after a deadline"),
        "crowd_until": Variable(("district",), "i4", "day", "first day after the violence of a crowd's deadline"),
        "crowd_resolve": Variable(("district",), "f8", "1", "added to the violent share of the crowd"),
        "crowd_credibility": Variable(("district",), "f8", "1", "how far the crowd is believed, from 0 to 1"),
    }
    draws = (Stream.PUBLIC_THREAT, Stream.ULTIMATUM, Stream.ULTIMATUM_OUTCOME)
    emits = ("ultimatum", "ultimatum_outcome")
    switches = {"A23": Switch("nobody sets a deadline")}
    Parameters = UltimatumParameters

    def accept(self, parameters: UltimatumParameters) -> None:
        """Keep the parameters, and who is on the spot."""
        self.p = parameters
        self._keep = 0.5 ** (1.0 / parameters.crowd_half_life)
        self._territorial = np.ones(self.city.groups, dtype=bool)
        for place, group in enumerate(self.city.scenario.groups):
            self._territorial[place] = group.role != "remote"

    def prepare(self) -> None:
        """Start without deadlines, and with crowds that are believed."""
        v = self.v
        for none in (v.ultimatum_who, v.ultimatum_whom, v.ultimatum_deadline, v.ultimatum_day):
            none[:] = NOBODY
        v.deadline_violence[:] = 1.0
        v.crowd_credibility[:] = 1.0

    def step(self, day: int) -> None:
        """Settle what is due, then let threats and riots of today set deadlines."""
        v = self.v
        if self._begin():
            running = v.ultimatum_deadline >= 0
            v.ultimatum_defied[running & (v.protest_size > 0)] = 1
            for district in np.flatnonzero(running & (v.ultimatum_deadline <= day)).tolist():
                self._settle(day, district)
            for group in np.flatnonzero(v.public_threat).tolist():
                self._by_group(day, group)
            for district in np.flatnonzero((v.protest_size > 0) & (v.protest_violent > 0)).tolist():
                self._by_crowd(day, district)
        self._end(day)

    @cached_property
    def _begin(self) -> Callable[..., bool]:
        v = self.v
        seen = (v.ultimatum_deadline, v.public_threat, v.protest_violent)
        return bind(begin, self._keep, *seen, v.crowd_credibility, v.deadline_kept)

    @cached_property
    def _end(self) -> Callable[..., None]:
        v, p = self.v, self.p
        until = (v.violent_until, v.crowd_until)
        raised = (float(p.group_violence), float(p.crowd_violence))
        return bind(end, LATE, *until, *raised, v.deadline_violence, v.crowd_resolve)

    def _by_group(self, day: int, group: int) -> None:
        v, district = self.v, int(self.v.threat_district[group])
        cell, threat = group * CELL_STRIDE + district, int(v.threats[group, district])
        free = v.ultimatum_deadline[district] < 0
        if free and uniform(self.seed, cell, _WHETHER, threat) < self.p.group_sets:
            self._announce(day, district, group, CROWD, event_id(_THREAT, cell, threat))

    def _by_crowd(self, day: int, district: int) -> None:
        v = self.v
        present = np.where(self._territorial, v.members[:, district], 0)
        believed = self.p.crowd_sets * v.crowd_credibility[district]
        free = v.ultimatum_deadline[district] < 0 and present.any()
        if free and uniform(self.seed, district, _ANNOUNCED, day | _DAY_BIT) < believed:
            cause = event_id(_OUTBREAK, district, int(v.protest_nth[district]))
            self._announce(day, district, CROWD, int(np.argmax(present)), cause)

    def _announce(self, day: int, district: int, who: int, whom: int, cause: int) -> None:
        v = self.v
        v.ultimatums[district] += 1
        v.ultimatum_who[district], v.ultimatum_whom[district] = who, whom
        v.ultimatum_deadline[district] = day + self.p.deadline
        v.ultimatum_day[district] = day
        v.ultimatum_defied[district] = 0
        key = event_id(_ANNOUNCED, district, int(v.ultimatums[district]))
        about = self._about(district)
        self.log.add("ultimatum", day, 1, event_id=key, caused_by=cause, count=self.p.deadline, **about)

    def _about(self, district: int) -> dict[str, int]:
        """Return the columns that say who has set the ultimatum of a district, and to whom; -1 stands for a crowd."""
        who, whom = int(self.v.ultimatum_who[district]), int(self.v.ultimatum_whom[district])
        return {"district": district, "group": max(who, NOBODY), "rival": max(whom, NOBODY)}

    def _settle(self, day: int, district: int) -> None:
        v, p = self.v, self.p
        who, nth = int(v.ultimatum_who[district]), int(v.ultimatums[district])
        draw = uniform(self.seed, district, _OUTCOME, nth)
        if who == CROWD:
            gone = v.members[v.ultimatum_whom[district], district] == 0
            outcome = int(rules.settle(draw, gone, True, p.crowd_acts * v.crowd_credibility[district]))
            self._judge_crowd(day, district, outcome)
        else:
            able = v.members[who, district] > 0
            outcome = int(rules.settle(draw, not v.ultimatum_defied[district], able, p.group_acts))
            self._judge_group(day, who, outcome)
        keys: dict[str, Array] = {"event_id": event_id(_OUTCOME, district, nth)}
        keys["caused_by"] = event_id(_ANNOUNCED, district, nth)
        self.log.add("ultimatum_outcome", day, 1, count=outcome, **keys, **self._about(district))
        v.ultimatum_who[district] = v.ultimatum_whom[district] = v.ultimatum_deadline[district] = NOBODY

    def _judge_crowd(self, day: int, district: int, outcome: int) -> None:
        v, p = self.v, self.p
        belief = v.crowd_credibility
        if outcome == rules.LET_PASS:
            belief[district] = rules.discounted(belief[district], p.crowd_loss)
        else:
            belief[district] = rules.restored(belief[district], p.crowd_restore)
        if outcome == rules.CARRIED_OUT:
            v.crowd_until[district] = day + 1 + p.aftermath

    def _judge_group(self, day: int, group: int, outcome: int) -> None:
        v = self.v
        if outcome == rules.CARRIED_OUT:
            v.deadline_kept[group] = 1
            v.violent_until[group] = day + 1 + self.p.aftermath
        elif outcome == rules.LET_PASS:
            v.deadline_kept[group] = -1
