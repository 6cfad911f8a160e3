"""What crowds do to suspects, some of whom are innocent: vehicles burnt, people beaten, vigilantes (A9).

A violent crowd attacks suspects in proportion to its size. Suspicion falls on an innocent with chance `false_positive`,
and always where no group has members; otherwise on a group in proportion to its members in the district. A vehicle is
burnt or somebody is beaten, who may die. Vigilantes do the same to one person without a protest, at a rate that is
proportional to the people at stops and markets and to their grievance. Whose a vehicle was is kept in truth and as
reported, which differ (`burnt_reported_*`, events `owner_reported`). The crowd of a sponsored protest attacks the
sponsor's rival with chance `steering` (A20).

All of this is harm and is counted as harm: nothing here arrests anybody or counts in anybody's favour.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np

from racketsim.engine.bound import bind
from racketsim.engine.cells import draw_thresholds, fire_cells
from racketsim.engine.kernel import Int, kernel
from racketsim.engine.log import event_id
from racketsim.engine.mechanism import Array, Mechanism, Switch, Variable
from racketsim.engine.philox import uniform
from racketsim.engine.streams import Stream
from racketsim.mechanisms.crowd_rules import DRAWS, FEWEST_TOGETHER, NOBODY, attack
from racketsim.mechanisms.parameters import Parameters, parameter

_OUTBREAK, _WAIT = int(Stream.OUTBREAK), int(Stream.VIGILANTE_WAIT)
_CROWD, _VIGILANTES = int(Stream.CROWD_ATTACK), int(Stream.VIGILANTE_ATTACK)
_ATTACKS = 64
"""Ordinals of one riot: the first for the number of attacks, one for each of the others."""
_TEN_THOUSAND = 10_000.0


class CrowdViolenceParameters(Parameters):
    """How many are attacked, how, and how often wrongly."""

    attacks: float = parameter("attacks/100 people", "suspects attacked by a violent crowd", ge=0.0, le=100.0)
    vehicle_share: float = parameter("share", "attacks that burn a vehicle; the others beat somebody", ge=0.0, le=1.0)
    false_positive: float = parameter("probability", "that the attacked has no part in extortion", ge=0.0, le=1.0)
    report_error: float = parameter("probability", "that it is reported wrongly whose it was", ge=0.0, le=1.0)
    lethality: float = parameter("probability", "that somebody who is beaten dies", ge=0.0, le=1.0)
    vigilante_rate: float = parameter(
        "attacks/(10,000 people-day)", "attacks without a protest at full grievance", ge=0.0, le=10.0
    )
    steering: float = parameter("probability", "that a steered crowd attacks the entrant", ge=0.0, le=1.0)


@kernel
def await_vigilantes(
    seed: Int,
    rate: Array,
    mobility: Array,
    grievance: Array,
    threshold: Array,
    attacks: Array,
    hazard: Array,
    fired: Array,
) -> Int:
    """Set the `hazard[1, D]` of attacks by vigilantes, and return how many fire, `fired[1, D]`."""
    for district in range(rate.size):
        hazard[0, district] = rate[district] * mobility[district] * grievance[district]
    return fire_cells(seed, _WAIT, hazard, threshold, attacks, fired)


class CrowdViolence(Mechanism):
    """Let violent crowds and vigilantes attack suspects."""

    name = "crowd_violence"
    elements = ("A9", "A20")
    summary = "violent crowds and vigilantes hit suspects, and innocents among them"
    reads = (
        "protest_size",
        "protest_violent",
        "protest_nth",
        "protest_rival",
        "grievance",
        "mobility",
        "members",
        "arrested",
        "moving",
        "displaced",
        "fallen",
        "disbanded",
        "avenged",
        "dismissed",
        "heir",
    )
    writes = {
        "vigilante_threshold": Variable(("one", "district"), "f8", "1", "hazard until the next attack by vigilantes"),
        "vigilante_attacks": Variable(("one", "district"), "i8", "attacks", "attacks by vigilantes so far"),
        "crowd_hit": Variable(("one",), "u1", "1", "whether anybody was attacked today"),
        "burnt_true_suspect": Variable(("district",), "i8", "vehicles", "burnt today, of groups"),
        "burnt_innocent": Variable(("district",), "i8", "vehicles", "burnt today, of the innocent"),
        "burnt_reported_suspect": Variable(("district",), "i8", "vehicles", "burnt today, of groups by report"),
        "burnt_reported_innocent": Variable(("district",), "i8", "vehicles", "burnt today, of the innocent by report"),
        "burnt_by_group": Variable(("group", "district"), "i8", "vehicles", "burnt today, by true owner"),
        "burnt_reported_by_group": Variable(("group", "district"), "i8", "vehicles", "burnt today, by reported owner"),
        "beaten_suspect": Variable(("district",), "i8", "people", "members of groups beaten by a crowd today"),
        "beaten_innocent": Variable(("district",), "i8", "people", "innocents beaten by a crowd today"),
        "vigilante_suspect": Variable(("district",), "i8", "people", "members of groups hit by vigilantes today"),
        "vigilante_innocent": Variable(("district",), "i8", "people", "innocents hit by vigilantes today"),
        "crowd_injured": Variable(("district",), "i8", "people", "injured by crowds and vigilantes today"),
        "crowd_killed": Variable(("district",), "i8", "people", "killed by crowds and vigilantes today"),
        "lynched": Variable(("group", "district"), "i8", "members", "members killed by crowds and vigilantes today"),
    }
    draws = (Stream.CROWD_ATTACK, Stream.VIGILANTE_WAIT, Stream.VIGILANTE_ATTACK)
    emits = ("vehicle_burnt", "person_beaten", "vigilante_attack", "owner_reported")
    switches = {"A9": Switch("crowds attack nobody, and there are no vigilantes")}
    Parameters = CrowdViolenceParameters

    def accept(self, parameters: CrowdViolenceParameters) -> None:
        """Keep the parameters, and how many people stand together in each district."""
        self.p = p = parameters
        gather = self.city.column("assembly")
        people = self.city.counts[:, gather >= FEWEST_TOGETHER].sum(axis=1)
        self._rate = p.vigilante_rate * people / _TEN_THOUSAND
        self._of_crowds = (p.vehicle_share, p.false_positive, p.report_error, p.lethality, p.steering)
        self._of_vigilantes = (0.0, p.false_positive, p.report_error, p.lethality, 0.0)
        self._hazard = np.zeros((1, self.city.districts))
        self._fired = np.zeros((1, self.city.districts), dtype=np.int64)

    def prepare(self) -> None:
        """Draw the first thresholds."""
        draw_thresholds(self.seed, _WAIT, self.v.vigilante_threshold)

    def step(self, day: int) -> None:
        """Let today's riots and vigilantes attack."""
        v = self.v
        if v.crowd_hit[0]:
            for name in self.writes:
                if name not in ("vigilante_threshold", "vigilante_attacks"):
                    v.__dict__[name][:] = 0
        if np.count_nonzero(v.protest_violent):
            for district in np.flatnonzero(v.protest_violent).tolist():
                self._attack(day, district)
        if self._await_vigilantes():
            for district in np.flatnonzero(self._fired[0]).tolist():
                last = int(v.vigilante_attacks[0, district])
                for nth in range(last - int(self._fired[0, district]) + 1, last + 1):
                    self._hit(day, district, _VIGILANTES, nth, self._of_vigilantes, NOBODY, 0)

    @cached_property
    def _await_vigilantes(self) -> Callable[[], int]:
        v = self.v
        causes = (self._rate, v.mobility, v.grievance)
        counters = (v.vigilante_threshold, v.vigilante_attacks)
        return bind(await_vigilantes, self.seed, *causes, *counters, self._hazard, self._fired)

    def _attack(self, day: int, district: int) -> None:
        """Let a violent crowd attack suspects, in proportion to its size."""
        v, nth = self.v, int(self.v.protest_nth[district])
        first = nth * _ATTACKS
        mean = self.p.attacks * int(v.protest_size[district]) / 100.0
        attacks = int(mean + uniform(self.seed, district, _CROWD, first * DRAWS))
        riot, rival = event_id(_OUTBREAK, district, nth), int(v.protest_rival[district])
        for n in range(1, min(attacks + 1, _ATTACKS)):
            self._hit(day, district, _CROWD, first + n, self._of_crowds, rival, riot)

    def _hit(
        self, day: int, district: int, stream: int, nth: int, settings: tuple[float, ...], rival: int, cause: int
    ) -> None:
        """Carry out one attack, book it in truth and as reported, and log both."""
        v = self.v
        here = self._around(district)
        vehicle, owner, said, dead = attack(self.seed, district, stream, nth, settings, rival, here)
        v.crowd_hit[0] = 1
        if vehicle:
            what = "vehicle_burnt"
            self._burn(district, owner, said)
        else:
            what = "person_beaten" if stream == _CROWD else "vigilante_attack"
            self._beat(district, stream, owner, dead)
        event = event_id(stream, district, nth)
        self.log.add(
            what,
            day,
            1,
            event_id=event,
            district=district,
            group=owner,
            count=1,
            injured=int(not vehicle and not dead),
            killed=int(dead),
            caused_by=cause,
        )
        self.log.add("owner_reported", day, 1, district=district, group=said, count=1, caused_by=event)

    def _around(self, district: int) -> Array:
        """Return the members of each group who are in a district after all that has happened today."""
        v, at = self.v, (slice(None), district)
        gone = v.arrested[at] + v.fallen[at] + v.disbanded[at] + v.avenged[at] + v.dismissed[at] + v.lynched[at]
        here = v.members[at] + np.minimum(v.moving[at], 0) + np.minimum(v.displaced[at], 0) - gone
        around: Array = np.where(v.heir[at] >= 0, 0, np.maximum(here, 0)).astype(np.float64)
        return around

    def _burn(self, district: int, owner: int, said: int) -> None:
        v = self.v
        (v.burnt_innocent if owner == NOBODY else v.burnt_true_suspect)[district] += 1
        (v.burnt_reported_innocent if said == NOBODY else v.burnt_reported_suspect)[district] += 1
        if owner != NOBODY:
            v.burnt_by_group[owner, district] += 1
        if said != NOBODY:
            v.burnt_reported_by_group[said, district] += 1

    def _beat(self, district: int, stream: int, owner: int, dead: bool) -> None:
        v = self.v
        if stream == _CROWD:
            (v.beaten_innocent if owner == NOBODY else v.beaten_suspect)[district] += 1
        else:
            (v.vigilante_innocent if owner == NOBODY else v.vigilante_suspect)[district] += 1
        (v.crowd_killed if dead else v.crowd_injured)[district] += 1
        if dead and owner != NOBODY:
            v.lynched[owner, district] += 1
