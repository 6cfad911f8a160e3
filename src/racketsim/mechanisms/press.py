"""The press: claims of outlets about public events, with delay, coverage bias and error (A26).

An outlet carries a public event with log odds logit(coverage) + severity_bias * log2(1 + notice), after an exponential
delay; notice is the number of people hurt, and what else about an event is news, in people hurt. Its claim names a
group with chance `attribution`. What it knows is what police and public know: the name that was used, which for
impostors is borrowed until they are unmasked; remote operators have none. A named group is wrong with chance
`attribution_error`, and then it is another one, drawn in proportion to fame. All numbers of a claim are misstated with
chance `count_error`, by one factor between 1 / `misstatement` and `misstatement`, log-uniform. Claims about one event
are kept side by side: they may contradict each other and the truth.

Fame is the number of published claims that name a group, forgotten with a half-life: f <- f 2^(-1/h) + named. So fame
attracts blame, but who is in the news for nothing else than errors (a share w of names) fades at the rate (1 - w) / h.

Selection and description bias: Earl, Martin, McCarthy and Soule (2004, doi:10.1146/annurev.soc.30.012703.110603).
Draws: coverage and delay, names, whose name impostors had used, numbers (`press_claims`).
"""

from __future__ import annotations

import numpy as np

from racketsim.engine.cells import CELL_STRIDE
from racketsim.engine.kernel import Int, kernel
from racketsim.engine.log import event_id, stream_bits, type_codes
from racketsim.engine.mechanism import Array, Mechanism, Switch, Variable
from racketsim.engine.philox import uniform
from racketsim.engine.streams import Stream
from racketsim.mechanisms.parameters import Parameters, parameter
from racketsim.mechanisms.press_claims import NOBODY, UNASKED, Fact, Said, carry, forget
from racketsim.mechanisms.quantities import OUTLET_QUANTITIES
from racketsim.mechanisms.senders import draw_claim

_PUNISHMENT, _CLASH, _BORROWED = int(Stream.PUNISHMENT), int(Stream.CLASH), int(Stream.BORROWED_NAME)
_INCIDENT, _ARREST, _FIGHT, _REVENGE = type_codes(("incident", "arrest", "clash", "retaliation")).tolist()
_FIRST_ROOM = 256


class PressParameters(Parameters):
    """How long names stay in the news, how far numbers are off, and what is news where nobody is hurt."""

    fame_half_life: float = parameter("days", "half-life of a claim that names a group", gt=0.0, le=1e5)
    misstatement: float = parameter("1", "largest factor by which misstated numbers are off", ge=1.0, le=100.0)
    arrest_notice: float = parameter("people hurt/person", "what an arrest is as news", ge=0.0, le=100.0)


@kernel
def list_incidents(
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


class Press(Mechanism):
    """Let outlets claim what happened."""

    name = "press"
    elements = ("A26",)
    summary = "outlets claim what happened, with delay, bias and error; names in the news are forgotten"
    reads = (
        "incident_count",
        "incident_class",
        "incident_group",
        "incident_method",
        "incident_injured",
        "incident_killed",
        "incident_public",
        "incident_key",
        "clash_count",
        "clash_attacker",
        "clash_district",
        "clash_ordinal",
        "clash_wounded",
        "clash_dead",
        "reprisal_count",
        "reprisal_attacker",
        "reprisal_district",
        "reprisal_key",
        "reprisal_wounded",
        "reprisal_dead",
        "arrested",
        "arrest_key",
        "captures",
        "claim_running",
    )
    writes = {
        "fame": Variable(("group",), "f8", "claims", "published claims that name a group, remembered"),
        "named": Variable(("group",), "i8", "claims", "published today that name a group"),
        "naming_due": Variable(("day", "group"), "i2", "claims", "that name a group, by day of publication"),
    }
    draws = (Stream.COVERAGE, Stream.ATTRIBUTION, Stream.MISCOUNT, Stream.SUSPICION, Stream.BORROWED_NAME)
    switches = {"A26": Switch("the press claims nothing")}
    Parameters = PressParameters

    def accept(self, parameters: PressParameters) -> None:
        """Keep the parameters and the quantities of the outlets, and make room for a day's events and claims."""
        self.p = p = parameters
        outlets = self.city.scenario.outlets
        self._outlets = np.array([[outlet[name] for outlet in outlets] for name in OUTLET_QUANTITIES])
        self._keep = 0.5 ** (1.0 / p.fame_half_life)
        self._name_of = np.arange(self.city.groups)
        self._name_of[self.city.impostor] = NOBODY
        for place, group in enumerate(self.city.scenario.groups):
            if group.role == "remote":
                self._name_of[place] = NOBODY
        self._events = 0
        self._make_room(_FIRST_ROOM)

    def _make_room(self, events: int) -> None:
        claims = events * self._outlets.shape[1]
        self._ids, self._notice = np.zeros(events, dtype=np.uint64), np.zeros(events)
        self._facts = np.zeros((events, len(Fact)), dtype=np.int64)
        self._said = np.zeros((claims, len(Said)), dtype=np.int64)
        self._claim_ids = np.zeros(claims, dtype=np.uint64)

    def step(self, day: int) -> None:
        """List what is public of today, let outlets claim it, and publish what is due."""
        v = self.v
        self._list_incidents(int(v.incident_count[0]))
        if v.clash_count[0] or v.reprisal_count[0]:
            self._list_fights()
        if np.count_nonzero(v.arrested):
            self._list_arrests()
        if self._events:
            self._claim(day)
        forget(self._keep, v.naming_due[day], v.named, v.fame)

    def _tell(
        self,
        what: int,
        event: int,
        notice: float,
        district: int,
        group: int,
        *,
        known: int | None = None,
        sponsor: int = UNASKED,
        hurt: tuple[int, int] = (0, 0),
        vehicles: int = 0,
        people: int = 0,
    ) -> None:
        """Add one to today's public events; `known` is who is known for it, the doer where it is left out."""
        row = self._events
        if row == len(self._ids):
            raise OverflowError("more public events on one day than there is room for")
        self._ids[row], self._notice[row] = event, notice
        name = self._name_of[group] if known is None else known
        self._facts[row] = (what, district, NOBODY, group, name, sponsor, *hurt, vehicles, people)
        self._events += 1

    def _list_incidents(self, count: int) -> None:
        v = self.v
        self._events = 0
        if not count or not v.incident_public[:count].any():
            return
        if len(self._ids) < count + _FIRST_ROOM:
            self._make_room(2 * count + _FIRST_ROOM)
        self._events = list_incidents(
            count,
            self.city.kinds,
            _INCIDENT,
            stream_bits(_PUNISHMENT),
            v.incident_key,
            v.incident_class,
            v.incident_method,
            v.incident_group,
            v.incident_injured,
            v.incident_killed,
            v.incident_public,
            self._name_of,
            self._ids,
            self._notice,
            self._facts,
        )

    def _list_fights(self) -> None:
        v = self.v
        for n in range(int(v.clash_count[0])):
            district, group = int(v.clash_district[n]), int(v.clash_attacker[n])
            clash = event_id(_CLASH, group * CELL_STRIDE + district, int(v.clash_ordinal[n]))
            hurt = int(v.clash_wounded[n]), int(v.clash_dead[n])
            self._tell(_FIGHT, clash, sum(hurt), district, group, hurt=hurt)
        for n in range(int(v.reprisal_count[0])):
            hurt = int(v.reprisal_wounded[n]), int(v.reprisal_dead[n])
            district, group = int(v.reprisal_district[n]), int(v.reprisal_attacker[n])
            self._tell(_REVENGE, v.reprisal_key[n], sum(hurt), district, group, hurt=hurt)

    def _list_arrests(self) -> None:
        """List arrests by cell; those of a prepared capture are one event, where most were taken."""
        v = self.v
        for group in np.flatnonzero(v.arrested.any(axis=1)).tolist():
            taken = v.arrested[group]
            if v.captures[group]:
                most = int(taken.argmax())
                self._arrest(group, most, int(taken.sum()))
            else:
                for district in np.flatnonzero(taken).tolist():
                    self._arrest(group, district, int(taken[district]))

    def _arrest(self, group: int, district: int, people: int) -> None:
        key = self.v.arrest_key[group, district]
        known = self._borrowed(key, district) if group == self.city.impostor else None
        self._tell(_ARREST, key, self.p.arrest_notice * people, district, group, known=known, people=people)

    def _borrowed(self, key: int, district: int) -> int:
        """Return whose name arrested impostors had used, nobody's where no name was known."""
        return int(draw_claim(uniform(self.seed, key, _BORROWED, 0), self.v.claim_running[district], NOBODY))

    def _claim(self, day: int) -> None:
        """Write the claims about today's public events, dated when they are published."""
        v, facts = self.v, self._facts
        n = carry(
            self.seed,
            day,
            self._events,
            self._ids,
            self._notice,
            facts,
            self._outlets,
            0.0,
            self.p.misstatement,
            v.fame,
            v.naming_due,
            self._said,
            self._claim_ids,
        )
        said, about = self._said[:n], self._said[:n, Said.EVENT]
        self.log.claim(
            n,
            claim_id=self._claim_ids[:n],
            event_id=self._ids[about],
            day=said[:, Said.DAY],
            outlet=said[:, Said.OUTLET],
            type=facts[about, Fact.TYPE],
            district=facts[about, Fact.DISTRICT],
            method=facts[about, Fact.METHOD],
            group=said[:, Said.GROUP],
            true_group=facts[about, Fact.GROUP],
            sponsor=said[:, Said.SPONSOR],
            injured=said[:, Said.INJURED],
            killed=said[:, Said.KILLED],
            vehicles=said[:, Said.VEHICLES],
            people=said[:, Said.PEOPLE],
        )
