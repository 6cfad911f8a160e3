"""Backlash (A25): hostility to people who share a label with those whom the press names, as a harm to innocents.

Hostility h[d] is the share of people with a hostile view. Claims that name a group whose observers' label marks it as
not local raise it in the whole city, riots where they happen; it returns to its rest with a half-life:
    h <- rest + (h - rest) keep;   h <- 1 - (1 - h) exp(-by_claim * claims - by_riot * thousands who riot).
Incidents against innocents: a Poisson process of rate `rate` * h[d] * labelled people of d, each hurting people by a
heavy tail. Labelled owners of targets are afraid with chance
    1 - exp(-fear_hostility * h - fear_incidents * remembered incidents for 10,000 of them)
and then make no report: it is missing from the statistics, and the victim is left alone.

A label is what observers say. It causes harm to those whom it is put on, and nothing else: nothing but the
records reads these variables. That holds for reports too: police work goes on from the reports as they would have come,
so that no label can reach an arrest and, through it, an offence. This understates the harm, on purpose. Hostility,
incidents and silence are costs in every comparison; no result counts them in anybody's favour.

Draws: incidents, who is hurt, whose targets are, whether a report is withheld. Attitudes: surveys L0786 to L0791.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np

from racketsim.engine.bound import LATE, bind
from racketsim.engine.cells import draw_thresholds, fire_cells
from racketsim.engine.kernel import Int, Real, kernel
from racketsim.engine.log import event_id, stream_bits
from racketsim.engine.mechanism import Array, Mechanism, Switch, Variable
from racketsim.engine.philox import uniform, uniform_pair
from racketsim.engine.streams import Stream
from racketsim.mechanisms.parameters import Parameters, parameter

UNMARKED = frozenset({"", "local", "unknown"})
"""Labels by which observers mark nobody as foreign to the place."""

_WAIT, _HARM, _OUTBREAK = int(Stream.BACKLASH_WAIT), int(Stream.BACKLASH_HARM), int(Stream.OUTBREAK)
_OWNER, _WITHHELD, _REPORT = int(Stream.LABELLED_OWNER), int(Stream.WITHHELD_REPORT), int(Stream.REPORT)
_PEOPLE = 64
_PER_THOUSAND, _PER_LABELLED = 1000.0, 10_000.0


class BacklashParameters(Parameters):
    """Who is labelled, what makes people hostile, and what the hostile do."""

    labelled_share: float = parameter("share", "share of people, and of owners of targets, with the label", ge=0, le=1)
    rest: float = parameter("share", "share of people with a hostile view without news", ge=0.0, le=1.0)
    by_claim: float = parameter("1/claim", "hostility by a claim that names a labelled group", ge=0.0, le=1.0)
    by_riot: float = parameter("1/1,000 people", "hostility by people who riot in the district", ge=0.0, le=10.0)
    half_life: float = parameter("days", "time in which hostility goes half way back to its rest", gt=0.0, le=1e5)
    rate: float = parameter("incidents/person-day", "incidents where everybody is hostile", ge=0.0, le=1.0)
    casualty_probability: float = parameter("probability", "that an incident hurts anybody", ge=0.0, le=1.0)
    victims_tail: float = parameter("1", "tail exponent of the number hurt (Pareto)", ge=0.2, le=20.0)
    lethality: float = parameter("probability", "that a person who is hurt dies", ge=0.0, le=1.0)
    fear_hostility: float = parameter("1", "fear of reporting by full hostility", ge=0.0, le=20.0)
    fear_incidents: float = parameter(
        "10,000 people/incident", "fear of reporting by an incident for 10,000 of the labelled", ge=0.0, le=100.0
    )
    memory: float = parameter("days", "time in which half of the incidents are forgotten", gt=0.0, le=1e5)


@kernel
def marked_claims(named: Array, parent: Array, marked: Array) -> Int:
    """Return how many claims of yesterday name a group that is marked by its label, or a group born of one.

    `marked[G0]` is by the groups of the scenario; those after the impostors, who come next, were born of others.
    """
    total, impostor = 0, marked.size
    for group in range(named.size):
        if named[group] != 0:
            origin = group
            while origin > impostor:
                origin = parent[origin]
            if origin != impostor and marked[origin]:
                total += named[group]
    return total


@kernel
def embitter(
    seed: Int,
    settings: Sequence[Real],
    named: Array,
    parent: Array,
    marked: Array,
    protest_size: Array,
    protest_violent: Array,
    labelled: Array,
    hostility: Array,
    seen: Array,
    counts: Sequence[Array],
    threshold: Array,
    incidents: Array,
    hazard: Array,
    fired: Array,
) -> Int:
    """Move `hostility[D]` by a day of claims and riots, and return how many incidents fire, `fired[1, D]`.

    Incidents that are remembered, `seen[D]`, fade, and all `counts[D]` of today are set to 0.
    """
    rest, keep, by_claim, by_riot, rate, forget = settings
    claims = marked_claims(named, parent, marked)
    for district in range(hostility.size):
        for count in counts:
            count[district] = 0
        seen[district] *= forget
        level = rest + (hostility[district] - rest) * keep
        push = by_claim * claims + by_riot * (protest_size[district] * protest_violent[district]) / _PER_THOUSAND
        if push > 0.0:
            level = 1.0 - (1.0 - level) * math.exp(-push)
        hostility[district] = level
        hazard[0, district] = rate * level * labelled[district]
    return fire_cells(seed, _WAIT, hazard, threshold, incidents, fired)


@kernel
def harmed(seed: Int, district: Int, incident: Int, chance: Real, tail: Real, lethality: Real) -> tuple[Int, Int]:
    """Return how many people one incident injures and kills."""
    first = incident * _PEOPLE
    u, v = uniform_pair(seed, district, _HARM, first)
    if u >= chance:
        return 0, 0
    people = np.int64(min(v ** (-1.0 / tail), _PEOPLE - 1.0))
    killed = 0
    for person in range(1, people + 1):
        if uniform(seed, district, _HARM, first + person) < lethality:
            killed += 1
    return people - killed, killed


@kernel
def afraid(hostility: Array, seen: Array, labelled: Array, by_hostility: Real, by_incident: Real, fear: Array) -> None:
    """Set `fear[D]`, the share of the labelled who do not report; `seen[D]` are the incidents that are remembered."""
    for district in range(fear.size):
        rate = _PER_LABELLED * seen[district] / labelled[district] if labelled[district] > 0.0 else 0.0
        fear[district] = 1.0 - math.exp(-by_hostility * hostility[district] - by_incident * rate)


@kernel
def withhold(
    seed: Int,
    share: Real,
    kinds: Int,
    count: Int,
    target_: Array,
    class_: Array,
    ordinal_: Array,
    hostility: Array,
    seen: Array,
    labelled: Array,
    by_hostility: Real,
    by_incident: Real,
    fear: Array,
    withheld: Array,
    by_district: Array,
) -> Int:
    """Set the `fear[D]` of today, mark the reports that it keeps from being made, and return how many these are."""
    afraid(hostility, seen, labelled, by_hostility, by_incident, fear)
    total = 0
    for n in range(count):
        withheld[n] = 0
        if uniform(seed, target_[n], _OWNER, 0) >= share:
            continue
        district = class_[n] // kinds
        if uniform(seed, target_[n], _WITHHELD, ordinal_[n]) < fear[district]:
            withheld[n] = 1
            by_district[district] += 1
            total += 1
    return total


class Backlash(Mechanism):
    """Let hostility grow and harm innocents."""

    name = "backlash"
    elements = ("A25",)
    summary = "claims and riots raise hostility to a label, which harms innocents and silences them"
    reads = (
        "named",
        "parent",
        "protest_size",
        "protest_violent",
        "protest_nth",
        "report_count",
        "report_target",
        "report_class",
        "report_ordinal",
        "report_group",
        "report_key",
    )
    writes = {
        "hostility": Variable(("district",), "f8", "share", "share of people with a hostile view of the labelled"),
        "backlash_threshold": Variable(("one", "district"), "f8", "1", "hazard until the next incident"),
        "backlash_incidents": Variable(("one", "district"), "i8", "incidents", "against innocents so far"),
        "backlash_seen": Variable(("district",), "f8", "incidents", "incidents that are remembered"),
        "backlash_count": Variable(("district",), "i8", "incidents", "incidents against innocents today"),
        "backlash_injured": Variable(("district",), "i8", "people", "innocents injured today"),
        "backlash_killed": Variable(("district",), "i8", "people", "innocents killed today"),
        "reporting_fear": Variable(("district",), "f8", "share", "share of the labelled who do not report"),
        "report_withheld": Variable(("today",), "u1", "1", "reports of today: whether fear keeps them from being made"),
        "withheld_count": Variable(("district",), "i8", "reports", "reports of today that fear keeps from being made"),
    }
    draws = (Stream.BACKLASH_WAIT, Stream.BACKLASH_HARM, Stream.LABELLED_OWNER, Stream.WITHHELD_REPORT)
    emits = ("backlash_incident", "report_withheld")
    switches = {"A25": Switch("nobody is hostile to the labelled")}
    Parameters = BacklashParameters

    def accept(self, parameters: BacklashParameters) -> None:
        """Keep the parameters, which groups are marked by their label, and how many people share it."""
        self.p = p = parameters
        scenario = self.city.scenario
        self._marked = np.array([group.origin_label not in UNMARKED for group in scenario.groups], dtype=np.uint8)
        self._labelled = p.labelled_share * scenario.districts.population
        keep = 0.5 ** (1.0 / p.half_life)
        self._settings = (p.rest, keep, p.by_claim, p.by_riot, p.rate, 0.5 ** (1.0 / p.memory))
        self._hazard = np.zeros((1, self.city.districts))
        self._fired = np.zeros((1, self.city.districts), dtype=np.int64)

    def prepare(self) -> None:
        """Start with hostility at rest, and draw the first thresholds."""
        self.v.hostility[:] = self.p.rest
        draw_thresholds(self.seed, _WAIT, self.v.backlash_threshold)

    def step(self, day: int) -> None:
        """Move hostility by the day's news, let it do harm, and see who dares to report."""
        v = self.v
        if self._embitter():
            riot = v.protest_size * v.protest_violent
            for district in np.flatnonzero(self._fired[0]).tolist():
                self._incidents(day, district, bool(riot[district]))
        if self._withhold(int(v.report_count[0])) and self.log.keep:
            self._silence(day)

    @cached_property
    def _embitter(self) -> Callable[[], int]:
        v = self.v
        return bind(
            embitter,
            self.seed,
            self._settings,
            v.named,
            v.parent,
            self._marked,
            v.protest_size,
            v.protest_violent,
            self._labelled,
            v.hostility,
            v.backlash_seen,
            (v.backlash_count, v.backlash_injured, v.backlash_killed, v.withheld_count),
            v.backlash_threshold,
            v.backlash_incidents,
            self._hazard,
            self._fired,
        )

    @cached_property
    def _withhold(self) -> Callable[[int], int]:
        v, p = self.v, self.p
        return bind(
            withhold,
            self.seed,
            p.labelled_share,
            self.city.kinds,
            LATE,
            v.report_target,
            v.report_class,
            v.report_ordinal,
            v.hostility,
            v.backlash_seen,
            self._labelled,
            p.fear_hostility,
            p.fear_incidents,
            v.reporting_fear,
            v.report_withheld,
            v.withheld_count,
        )

    def _silence(self, day: int) -> None:
        """Log the reports of today that were not made after all."""
        v, kinds = self.v, self.city.kinds
        silent = np.flatnonzero(v.report_withheld[: int(v.report_count[0])])
        self.log.add(
            "report_withheld",
            day,
            len(silent),
            event_id=v.report_key[silent] | stream_bits(_WITHHELD),
            caused_by=v.report_key[silent] | stream_bits(_REPORT),
            district=v.report_class[silent] // kinds,
            kind=v.report_class[silent] % kinds,
            group=v.report_group[silent],
            target=v.report_target[silent],
        )

    def _incidents(self, day: int, district: int, riot: bool) -> None:
        v, p = self.v, self.p
        last = int(v.backlash_incidents[0, district])
        cause = event_id(_OUTBREAK, district, int(v.protest_nth[district])) if riot else 0
        for nth in range(last - int(self._fired[0, district]) + 1, last + 1):
            injured, killed = harmed(self.seed, district, nth, p.casualty_probability, p.victims_tail, p.lethality)
            v.backlash_count[district] += 1
            v.backlash_seen[district] += 1.0
            v.backlash_injured[district] += injured
            v.backlash_killed[district] += killed
            about = {"district": district, "injured": injured, "killed": killed, "caused_by": cause}
            self.log.add("backlash_incident", day, 1, event_id=event_id(_WAIT, district, nth), **about)
