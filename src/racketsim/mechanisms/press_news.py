"""The public events of a day, as the press sees them: what happened, who is known for it, how much of a news it is.

What several acts of one kind do in one district on one day is one event to the press, the last of them by id: attacks
by vigilantes, incidents against innocents, arrests from one cell. Arrests of a prepared operation are one event.
`press` lists the events of a day here and lets outlets carry them (`press_claims`).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from racketsim.engine.bound import LATE, bind
from racketsim.engine.cells import CELL_STRIDE, anything
from racketsim.engine.kernel import Int, kernel
from racketsim.engine.log import event_id, stream_bits, type_codes
from racketsim.engine.mechanism import Array, Variables
from racketsim.engine.philox import uniform
from racketsim.engine.streams import Stream
from racketsim.mechanisms.parameters import Parameters, parameter
from racketsim.mechanisms.press_claims import NOBODY, UNASKED, Fact
from racketsim.mechanisms.senders import draw_claim

_PER_PEOPLE = 100.0
_TYPES = ("incident", "arrest", "clash", "retaliation", "protest", "riot", "vigilante_attack", "public_threat")
_INCIDENT, _ARREST, _FIGHT, _REVENGE, _PROTEST, _RIOT, _VIGILANTES, _THREAT = type_codes(_TYPES).tolist()
_ULTIMATUM, _BACKLASH, _POLICY = type_codes(("ultimatum", "backlash_incident", "policy_start")).tolist()

ARRESTS, THREATS, ULTIMATUMS, BACKLASH = 1, 2, 4, 8


class PressParameters(Parameters):
    """How long names stay in the news, how far numbers are off, and what is news where nobody is hurt."""

    fame_half_life: float = parameter("days", "half-life of a claim that names a group", gt=0.0, le=1e5)
    misstatement: float = parameter("1", "largest factor by which misstated numbers are off", ge=1.0, le=100.0)
    suspicion: float = parameter(
        "probability", "that who names groups says that one is behind a protest", ge=0.0, le=1.0
    )
    arrest_notice: float = parameter("people hurt/person", "what an arrest is as news", ge=0.0, le=100.0)
    protest_notice: float = parameter("people hurt/100 people", "what people at a protest are", ge=0.0, le=100.0)
    vehicle_notice: float = parameter("people hurt/vehicle", "what a vehicle burnt by a crowd is", ge=0.0, le=100.0)
    threat_notice: float = parameter("people hurt/threat", "what a public threat or an ultimatum is", ge=0.0, le=100.0)
    state_notice: float = parameter("people hurt/policy", "what an emergency or operation is", ge=0.0, le=100.0)


@kernel
def copy_incidents(
    count: Int,
    kinds: Int,
    code: Int,
    bits: Int,
    in_key: Array,
    in_class: Array,
    in_method: Array,
    in_group: Array,
    in_injured: Array,
    in_killed: Array,
    in_public: Array,
    name_of: Array,
    ids: Array,
    notice: Array,
    facts: Array,
) -> Int:
    """Write today's public incidents to the rows of `ids`, `notice` and `facts` (see `Fact`); return their number."""
    rows = 0
    for n in range(count):
        if not in_public[n]:
            continue
        ids[rows] = in_key[n] | bits
        notice[rows] = in_injured[n] + in_killed[n]
        facts[rows, 0] = code
        facts[rows, 1] = in_class[n] // kinds
        facts[rows, 2] = in_method[n]
        facts[rows, 3] = in_group[n]
        facts[rows, 4] = name_of[in_group[n]]
        facts[rows, 5] = UNASKED
        facts[rows, 6] = in_injured[n]
        facts[rows, 7] = in_killed[n]
        facts[rows, 8] = 0
        facts[rows, 9] = 0
        rows += 1
    return rows


@kernel
def what_else(arrested: Array, public_threat: Array, ultimatum_deadline: Array, backlash: Array) -> Int:
    """Return what may be news of today besides: the sum of `ARRESTS`, `THREATS`, `ULTIMATUMS` and `BACKLASH`."""
    found = ARRESTS if anything(arrested) else 0
    for group in range(public_threat.size):
        if public_threat[group] != 0:
            found |= THREATS
    for district in range(backlash.size):
        if ultimatum_deadline[district] >= 0:
            found |= ULTIMATUMS
        if backlash[district] != 0:
            found |= BACKLASH
    return found


class News:
    """Today's public events: `rows` of them in `ids[N]`, `notice[N]` and `facts[N, F]`.

    `name_of[G]` is the name by which a group is known: its own, none for remote operators and impostors.
    """

    def __init__(self, parameters: PressParameters, name_of: Array, impostor: int, seed: Int, room: int) -> None:
        self.p = parameters
        self.name_of = name_of
        self.impostor = impostor
        self.seed = seed
        self.rows = 0
        self.ids, self.notice = np.zeros(room, dtype=np.uint64), np.zeros(room)
        self.facts = np.zeros((room, len(Fact)), dtype=np.int64)

    def _tell(
        self,
        what: int,
        event: int,
        notice: float,
        district: int,
        *,
        group: int = NOBODY,
        known: int | None = None,
        sponsor: int = UNASKED,
        hurt: tuple[int, int] = (0, 0),
        vehicles: int = 0,
        people: int = 0,
    ) -> None:
        """Add an event; `known` is who is known for it, the doer by name where it is left out."""
        row = self.rows
        if row == len(self.ids):
            raise OverflowError("more public events on one day than there is room for")
        name = self.name_of[group] if known is None else known
        self.ids[row], self.notice[row] = event, notice + sum(hurt)
        self.facts[row] = (what, district, NOBODY, group, name, sponsor, *hurt, vehicles, people)
        self.rows += 1

    def incidents(self, v: Variables, kinds: int) -> Callable[[int], int]:
        """Return what copies the public ones among the first incidents of a day to the first rows."""
        return bind(
            copy_incidents,
            LATE,
            kinds,
            _INCIDENT,
            stream_bits(int(Stream.PUNISHMENT)),
            v.incident_key,
            v.incident_class,
            v.incident_method,
            v.incident_group,
            v.incident_injured,
            v.incident_killed,
            v.incident_public,
            self.name_of,
            self.ids,
            self.notice,
            self.facts,
        )

    def fights(self, v: Variables) -> None:
        """List clashes between groups and acts of retaliation."""
        for n in range(int(v.clash_count[0])):
            district, group = int(v.clash_district[n]), int(v.clash_attacker[n])
            clash = event_id(int(Stream.CLASH), group * CELL_STRIDE + district, int(v.clash_ordinal[n]))
            hurt = int(v.clash_wounded[n]), int(v.clash_dead[n])
            self._tell(_FIGHT, clash, 0.0, district, group=group, hurt=hurt)
        for n in range(int(v.reprisal_count[0])):
            hurt = int(v.reprisal_wounded[n]), int(v.reprisal_dead[n])
            district, group = int(v.reprisal_district[n]), int(v.reprisal_attacker[n])
            self._tell(_REVENGE, v.reprisal_key[n], 0.0, district, group=group, hurt=hurt)

    def arrests(self, v: Variables) -> None:
        """List arrests by cell, those of a prepared operation at the place where most were taken."""
        for group in np.flatnonzero(v.arrested.any(axis=1)).tolist():
            taken = v.arrested[group]
            if v.captures[group]:
                self._arrest(v, group, int(taken.argmax()), int(taken.sum()))
            else:
                for district in np.flatnonzero(taken).tolist():
                    self._arrest(v, group, district, int(taken[district]))

    def _arrest(self, v: Variables, group: int, district: int, people: int) -> None:
        key, known = v.arrest_key[group, district], None
        if group == self.impostor:  # they are known by the name that they had used, where one was known
            draw = uniform(self.seed, key, int(Stream.BORROWED_NAME), 0)
            known = int(draw_claim(draw, v.claim_running[district], NOBODY))
        self._tell(_ARREST, key, self.p.arrest_notice * people, district, group=group, known=known, people=people)

    def protests(self, v: Variables) -> None:
        """List protests; of violent ones, what was burnt there, whose it was, and whose the police say it was."""
        for district in np.flatnonzero(v.protest_size).tolist():
            size, violent = int(v.protest_size[district]), bool(v.protest_violent[district])
            protest = event_id(int(Stream.OUTBREAK), district, int(v.protest_nth[district]))
            vehicles, hurt = 0, (0, 0)
            owner, reported = NOBODY, UNASKED
            if violent:
                vehicles = int(v.burnt_true_suspect[district] + v.burnt_innocent[district])
                hurt = int(v.crowd_injured[district]), int(v.crowd_killed[district])
            if vehicles:
                owner = _most(v.burnt_by_group[:, district], v.burnt_innocent[district])
                reported = _most(v.burnt_reported_by_group[:, district], v.burnt_reported_innocent[district])
            notice = self.p.protest_notice * size / _PER_PEOPLE + self.p.vehicle_notice * vehicles
            about = {"group": owner, "known": reported, "sponsor": int(v.protest_sponsor[district])}
            what = _RIOT if violent else _PROTEST
            self._tell(what, protest, notice, district, hurt=hurt, vehicles=vehicles, people=size, **about)

    def vigilantes(self, v: Variables) -> None:
        """List attacks by vigilantes, but where a riot is, which they are told with."""
        hit = (v.vigilante_suspect + v.vigilante_innocent > 0) & (v.protest_violent == 0)
        for district in np.flatnonzero(hit).tolist():
            attack = event_id(int(Stream.VIGILANTE_ATTACK), district, int(v.vigilante_attacks[0, district]))
            hurt = int(v.crowd_injured[district]), int(v.crowd_killed[district])
            self._tell(_VIGILANTES, attack, 0.0, district, known=NOBODY, hurt=hurt)

    def threats(self, v: Variables) -> None:
        """List the public threats of groups."""
        for group in np.flatnonzero(v.public_threat).tolist():
            district = int(v.threat_district[group])
            cell, nth = group * CELL_STRIDE + district, int(v.threats[group, district])
            threat = event_id(int(Stream.PUBLIC_THREAT_WAIT), cell, nth)
            self._tell(_THREAT, threat, self.p.threat_notice, district, group=group)

    def ultimatums(self, v: Variables, day: int) -> None:
        """List the ultimatums that were set today, by groups and crowds; a crowd has no name."""
        for district in np.flatnonzero(v.ultimatum_day == day).tolist():
            key = event_id(int(Stream.ULTIMATUM), district, int(v.ultimatums[district]))
            group = max(int(v.ultimatum_who[district]), NOBODY)
            known = None if group >= 0 else UNASKED
            self._tell(_ULTIMATUM, key, self.p.threat_notice, district, group=group, known=known)

    def backlash(self, v: Variables) -> None:
        """List incidents against innocents, for which nobody is named."""
        for district in np.flatnonzero(v.backlash_count).tolist():
            key = event_id(int(Stream.BACKLASH_WAIT), district, int(v.backlash_incidents[0, district]))
            hurt = int(v.backlash_injured[district]), int(v.backlash_killed[district])
            self._tell(_BACKLASH, key, 0.0, district, known=UNASKED, hurt=hurt)

    def answers(self, v: Variables) -> None:
        """List the emergencies and operations that begin today, with their officers."""
        for n in range(int(v.begun_count[0])):
            district, officers = int(v.begun_district[n]), round(float(v.begun_officers[n]))
            self._tell(_POLICY, v.begun_key[n], self.p.state_notice, district, known=UNASKED, people=officers)


def _most(by_group: Array, innocent: int) -> int:
    """Return whose most were, nobody's where as many were of innocents."""
    group = int(by_group.argmax())
    return group if by_group[group] > innocent else NOBODY
