"""Retaliation: violence between groups that begets violence, each act with the act that caused it (A6).

Clashes and acts of retaliation between two groups are a mutually exciting (Hawkes) process, in its form as a branching
process (Hawkes and Oakes 1974, doi:10.2307/3212693): an act begets a Poisson number of acts with mean n < 1, each after
an exponential delay, in the same district and with attacker and victim swapped. So a clash by a chance of its own
(`contest`) starts a chain of mean length 1 / (1 - n), of which all but the first act are retaliation; `caused_by` leads
from each act to the one before. An act that is due takes place only where both groups still are, and not where they are
under a truce (with the weaker of their commitments as the chance that it is called off). It kills a member of the
victim's cell with a given chance, injures one otherwise, and may hit a bystander.

States: the calendar of acts that are due. Chicago: 63% of shootings by contagion, mean cascade 2.7, mean lag 125 days
(Green, Horel and Papachristos 2017, doi:10.1001/jamainternmed.2016.8245); a diffusion that is only slight: Loeffler and
Flaxman (2018, doi:10.1007/s10940-017-9363-8), whence the wide prior of n.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from racketsim.engine.calendar import empty_free, empty_head, schedule, take
from racketsim.engine.cells import CELL_STRIDE
from racketsim.engine.kernel import Int, Real, kernel
from racketsim.engine.log import event_id
from racketsim.engine.mechanism import Mechanism, Switch, Variable
from racketsim.engine.philox import exponential, uniform, uniform_pair
from racketsim.engine.streams import Stream
from racketsim.mechanisms.contest_field import poisson
from racketsim.mechanisms.parameters import Parameters, parameter

_COUNT, _DELAY, _HARM = int(Stream.RETALIATION_COUNT), int(Stream.RETALIATION_DELAY), int(Stream.RETALIATION_HARM)
_CLASH = int(Stream.CLASH)
_MOST_OFFSPRING = 64
RETALIATION_BIT = 1 << 23
"""Added to the ordinal of an act of retaliation, to tell it from a clash of the same cell."""


class RetaliationParameters(Parameters):
    """How often violence is answered, how late, and what the answer costs."""

    branching: float = parameter("1", "n: acts of retaliation that an act begets", ge=0.0, lt=1.0)
    delay_mean: float = parameter("days", "mean time from an act to its answer", gt=0.0, le=1e4)
    lethality: float = parameter("probability", "that an act kills a member, and does not injure one", ge=0.0, le=1.0)
    bystander: float = parameter("probability", "that an act injures a bystander", ge=0.0, le=1.0)


@kernel
def offspring_count(seed: Int, entity: Int, ordinal: Int, branching: Real) -> Int:
    """Return how many acts the act (entity, ordinal) begets: Poisson with mean `branching`."""
    return min(poisson(uniform(seed, entity, _COUNT, ordinal), branching), _MOST_OFFSPRING)


@kernel
def offspring_delay(seed: Int, entity: Int, ordinal: Int, nth: Int, mean: Real) -> Real:
    """Return the days until the `nth` offspring of an act: exponential."""
    return mean * exponential(seed, entity, _DELAY, ordinal * _MOST_OFFSPRING + nth)


class Cascade(NamedTuple):
    """A chain of violence: the delay of each act after its parent, and how many acts there were, the first included."""

    size: int
    delays: list[float]


def cascade(seed: int, entity: int, branching: float, delay_mean: float) -> Cascade:
    """Return the whole chain that one act sets off."""
    key, size, waiting, delays = np.uint64(seed), 1, 1, []
    while waiting:
        ordinal = size - waiting
        waiting -= 1
        count = int(offspring_count(key, entity, ordinal, branching))
        delays += [float(offspring_delay(key, entity, ordinal, nth, delay_mean)) for nth in range(count)]
        size += count
        waiting += count
    return Cascade(size, delays)


class Retaliation(Mechanism):
    """Answer violence between groups with violence."""

    name = "retaliation"
    elements = ("A6",)
    summary = "clashes and killings between groups are answered, in chains"
    reads = (
        "clash_count",
        "clash_attacker",
        "clash_defender",
        "clash_district",
        "clash_ordinal",
        "members",
        "arrested",
        "moving",
        "heir",
        "fallen",
        "displaced",
        "disbanded",
        "truce",
    )
    writes = {
        "avenged": Variable(("group", "district"), "i8", "members", "killed in retaliation today"),
        "retaliated": Variable(("district",), "i8", "1", "acts of retaliation today"),
        "retaliation_injured": Variable(("district",), "i8", "people", "injured in retaliation today"),
        "retaliations": Variable(("group", "district"), "i8", "1", "acts of retaliation by a cell so far"),
        "reprisal_count": Variable(("one",), "i8", "1", "acts of retaliation of today"),
        "reprisal_attacker": Variable(("feud",), "i2", "group", "acts of today: who took revenge"),
        "reprisal_district": Variable(("feud",), "i2", "district", "acts of today: where"),
        "reprisal_key": Variable(("feud",), "u8", "event", "acts of today: id"),
        "reprisal_wounded": Variable(("feud",), "i8", "people", "acts of today: injured, bystanders included"),
        "reprisal_dead": Variable(("feud",), "i8", "people", "acts of today: killed"),
        "feud_head": Variable(("day",), "i4", "slot", "calendar of retaliation"),
        "feud_link": Variable(("feud",), "i4", "slot", "calendar of retaliation"),
        "feud_free": Variable(("three",), "i8", "slot", "calendar of retaliation"),
        "feud_attacker": Variable(("feud",), "i2", "group", "calendar: who answers"),
        "feud_victim": Variable(("feud",), "i2", "group", "calendar: who is hit"),
        "feud_district": Variable(("feud",), "i2", "district", "calendar: where"),
        "feud_cause": Variable(("feud",), "u8", "1", "calendar: id of the act that is answered"),
    }
    draws = (Stream.RETALIATION_COUNT, Stream.RETALIATION_DELAY, Stream.RETALIATION_HARM)
    emits = ("retaliation",)
    switches = {"A6": Switch("violence between groups is not answered")}
    Parameters = RetaliationParameters

    def accept(self, parameters: RetaliationParameters) -> None:
        """Keep the parameters."""
        self.p = parameters

    def prepare(self) -> None:
        """Start with nothing to avenge."""
        self.v.feud_head[:] = empty_head(self.city.days)
        self.v.feud_free[:] = empty_free()

    def step(self, day: int) -> None:
        """Carry out the answers that are due, then schedule those to today's clashes."""
        v = self.v
        if np.count_nonzero(v.retaliated):
            v.avenged[:] = 0
            v.retaliated[:] = 0
            v.retaliation_injured[:] = 0
            v.reprisal_count[0] = 0
        while v.feud_head[day] >= 0:
            slot = int(take(v.feud_head, v.feud_link, v.feud_free, day))
            attacker, victim = int(v.feud_attacker[slot]), int(v.feud_victim[slot])
            self._strike(day, attacker, victim, int(v.feud_district[slot]), v.feud_cause[slot])
        for place in range(int(v.clash_count[0])):
            attacker, district = int(v.clash_attacker[place]), int(v.clash_district[place])
            ordinal = int(v.clash_ordinal[place])
            clash = event_id(_CLASH, attacker * CELL_STRIDE + district, ordinal)
            self._beget(day, attacker, int(v.clash_defender[place]), district, ordinal, clash)

    def _beget(self, day: int, attacker: int, victim: int, district: int, ordinal: int, cause: int) -> None:
        """Schedule the answers to an act: the victim will be the attacker."""
        v, cell = self.v, attacker * CELL_STRIDE + district
        for nth in range(int(offspring_count(self.seed, cell, ordinal, self.p.branching))):
            delay = float(offspring_delay(self.seed, cell, ordinal, nth, self.p.delay_mean))
            slot = schedule(v.feud_head, v.feud_link, v.feud_free, day + 1 + int(delay))
            if slot >= 0:
                v.feud_attacker[slot], v.feud_victim[slot] = victim, attacker
                v.feud_district[slot], v.feud_cause[slot] = district, cause

    def _free(self, group: int, district: int) -> int:
        """Return the members of a cell who are there after all that has happened today."""
        v, at = self.v, (group, district)
        if v.heir[at] >= 0:
            return 0
        gone = v.arrested[at] + v.fallen[at] + v.disbanded[at] + v.avenged[at]
        return int(v.members[at] + min(v.moving[at], 0) + min(v.displaced[at], 0) - gone)

    def _strike(self, day: int, attacker: int, victim: int, district: int, cause: int) -> None:
        v, cell = self.v, attacker * CELL_STRIDE + district
        if self._free(attacker, district) <= 0 or self._free(victim, district) <= 0:
            return
        v.retaliations[attacker, district] += 1
        nth = int(v.retaliations[attacker, district])
        u, w = uniform_pair(self.seed, cell, _HARM, 2 * nth)
        if uniform(self.seed, cell, _HARM, 2 * nth + 1) < min(v.truce[attacker], v.truce[victim]):
            return
        killed, bystander = int(u < self.p.lethality), int(w < self.p.bystander)
        v.avenged[victim, district] += killed
        v.retaliated[district] += 1
        v.retaliation_injured[district] += 1 - killed + bystander
        act = event_id(_HARM, cell, nth)
        place = int(v.reprisal_count[0])
        if place == v.reprisal_key.size:
            raise OverflowError("more acts of retaliation on one day than there is room for")
        v.reprisal_attacker[place], v.reprisal_district[place], v.reprisal_key[place] = attacker, district, act
        v.reprisal_wounded[place], v.reprisal_dead[place] = 1 - killed + bystander, killed
        v.reprisal_count[0] += 1
        self.log.add(
            "retaliation",
            day,
            1,
            event_id=act,
            caused_by=cause,
            group=attacker,
            rival=victim,
            district=district,
            injured=1 - killed + bystander,
            killed=killed,
            count=killed,
        )
        self._beget(day, attacker, victim, district, nth + RETALIATION_BIT, act)
