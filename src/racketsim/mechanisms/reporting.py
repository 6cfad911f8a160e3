"""Reporting and recording: from true cases to reported ones to recorded ones (A16).

Every demand is a true case. Its victim reports it with log odds
    base + remote * [remote] + trust_weight * (trust - 1/2) - fear_weight * c * [in person] + cover_weight * cover,
    + paid * [the demand was met] + december * [December] + noise[month, district] + noise[month, city],
and where a punishment follows with `harm` added; times the chance to reach a station. The noise is normal: it makes
monthly counts over-dispersed (a log-normal mixture of Poisson counts, near the negative binomial). Trust is lost where
reports leak (`collusion`). Cover is the share of the district's remembered cases that were reported: the company of
others protects (collective cover). Fear is of what was seen and of what was threatened in public,
c = 1 - (1 - seen)(1 - threatened).
A report becomes known to the police after an exponential delay, and is recorded with chance `completeness`. A share of
records is entered late, after an exponential lag: the newest month of a vintage is incomplete. The police note the name
that was used (`claimed` of reports and records): an impostor's is borrowed, and only its unmasking would tell.

Reports are cases x reporting x recording; the three are not separately identified from counts alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np

from racketsim.engine.bound import LATE, bind
from racketsim.engine.calendar import empty_free, empty_head, schedule, take
from racketsim.engine.kernel import Int, Real, kernel
from racketsim.engine.log import causal_key, stream_bits, type_codes
from racketsim.engine.mechanism import Array, Mechanism, Variable
from racketsim.engine.philox import normal, uniform_pair
from racketsim.engine.streams import Stream
from racketsim.mechanisms.decision import BOTH, CHANGE, PAY
from racketsim.mechanisms.event_rows import REPORT_COLUMNS, put_reports
from racketsim.mechanisms.parameters import Parameters, parameter
from racketsim.mechanisms.signal_rules import perceived_punishment

_REPORT, _INCIDENT_REPORT, _RECORD = int(Stream.REPORT), int(Stream.INCIDENT_REPORT), int(Stream.RECORD)
_MONTH_NOISE, _SENDER, _PUNISHMENT = int(Stream.MONTH_NOISE), int(Stream.SENDER), int(Stream.PUNISHMENT)
_CITY = 2**31
_DECEMBER = 12
_ONE, _LAST = np.uint32(1), 31
_BITS = np.array([stream_bits(stream) for stream in (_REPORT, _RECORD, _PUNISHMENT, _SENDER)])


class ReportingParameters(Parameters):
    """Who reports, and what the police record."""

    base: float = parameter(
        "log odds", "of reporting a demand in person, at trust 1/2, without fear or cover", ge=-20.0, le=20.0
    )
    remote: float = parameter("log odds", "added where the demand came by remote", ge=-20.0, le=20.0)
    trust_weight: float = parameter("log odds", "added from no trust in the police to full trust", ge=0.0, le=20.0)
    fear_weight: float = parameter("log odds", "taken away at certain punishment, in person", ge=0.0, le=20.0)
    cover_weight: float = parameter("log odds", "added where every case around is reported", ge=0.0, le=20.0)
    paid: float = parameter("log odds", "added where the demand was met", ge=-20.0, le=20.0)
    harm: float = parameter("log odds", "added once the threat was carried out", ge=-20.0, le=20.0)
    memory: float = parameter("days", "half-life of what people remember of others' reports", gt=0.0, le=1e5)
    delay_mean: float = parameter("days", "mean delay from demand to report", ge=0.0, le=1e3)
    december: float = parameter("log odds", "added in December", ge=-3.0, le=3.0)
    dispersion_district: float = parameter(
        "log odds", "standard deviation of a district's monthly noise", ge=0.0, le=2.0
    )
    dispersion_city: float = parameter("log odds", "standard deviation of the city's monthly noise", ge=0.0, le=2.0)
    completeness: float = parameter("share", "share of reports that become a record", gt=0.0, le=1.0)
    late_share: float = parameter("share", "share of records that are entered late", ge=0.0, le=1.0)
    late_mean: float = parameter("days", "mean lag of a late record", ge=0.0, le=1e3)


@kernel
def report_chance(
    settings: Sequence[Real],
    remote: bool,
    trust: Real,
    belief: Real,
    cover: Real,
    paid: bool,
    harmed: bool,
    noise: Real,
) -> Real:
    """Return the chance that a victim reports, at a station that can be reached; `noise` is that of month and place."""
    base, by_remote, by_trust, by_fear, by_cover, by_pay, by_harm = settings
    score = base + noise + by_trust * (trust - 0.5) + by_cover * cover
    score += by_remote if remote else -by_fear * belief
    if paid:
        score += by_pay
    if harmed:
        score += by_harm
    return 1.0 / (1.0 + math.exp(-score))


@kernel
def _file(day: Int, delay_mean: Real, u: Real, v: Real, chance: Real, head: Array, link: Array, free: Array) -> Int:
    """Return the calendar slot of a report that will be made, or -1."""
    if u >= chance:
        return -1
    return schedule(head, link, free, day + np.int64(-delay_mean * math.log(v)))


@kernel
def file_reports(
    seed: Int,
    day: Int,
    kinds: Int,
    settings: Sequence[Real],
    delay_mean: Real,
    keep: Real,
    trust: Array,
    distrust: Array,
    access: Array,
    cover: Array,
    credibility: Array,
    threatened: Array,
    demands: Int,
    target_: Array,
    class_: Array,
    group_: Array,
    claim_: Array,
    channel_: Array,
    ordinal_: Array,
    action: Array,
    month: Int,
    monthly_noise: Array,
    incidents: Int,
    in_target: Array,
    in_class: Array,
    in_group: Array,
    in_ordinal: Array,
    reported: Array,
    cases_seen: Array,
    reports_seen: Array,
    head: Array,
    link: Array,
    free: Array,
    whom: Array,
    where: Array,
    who: Array,
    name: Array,
    which: Array,
    how: Array,
) -> None:
    """Decide which of today's demands and incidents will be reported, and put them on the calendar.

    Bit n % 32 of `reported[target]` says whether its demand n is reported, so that no case is reported twice. Memories
    fade by `keep`, and `cover[D]` is set to what is left of reports over cases.
    """
    noise = monthly_noise[month]
    for district in range(cover.size):
        cases_seen[district] *= keep
        reports_seen[district] *= keep
        cover[district] = reports_seen[district] / (cases_seen[district] + 1.0)
    for n in range(demands + incidents):
        demand = n < demands
        m = n if demand else n - demands
        target = target_[m] if demand else in_target[m]
        cell = class_[m] if demand else in_class[m]
        group = np.int64(group_[m] if demand else in_group[m])
        ordinal = ordinal_[m] if demand else in_ordinal[m]
        remote = demand and channel_[m] == 1
        district = cell // kinds
        bit = _ONE << np.uint32(np.int64(ordinal) & _LAST)
        if demand:
            cases_seen[district] += 1.0
            reported[target] &= ~bit
        elif reported[target] & bit:
            continue
        chance = access[district] * report_chance(
            settings,
            remote,
            trust[district] * (1.0 - distrust[district]),
            perceived_punishment(credibility[district, group], threatened[district, group]),
            cover[district],
            demand and action[m] in (PAY, CHANGE, BOTH),
            not demand,
            noise[district],
        )
        u, v = uniform_pair(seed, target, _REPORT if demand else _INCIDENT_REPORT, ordinal)
        slot = _file(day, delay_mean, u, v, chance, head, link, free)
        if slot >= 0:
            reported[target] |= bit
            whom[slot] = target
            where[slot] = cell
            who[slot] = group
            name[slot] = claim_[m] if demand else in_group[m]
            which[slot] = ordinal
            how[slot] = (1 if remote else 0) + (0 if demand else 2)


@kernel
def receive(
    seed: Int,
    day: Int,
    kinds: Int,
    completeness: Real,
    late_share: Real,
    late_mean: Real,
    head: Array,
    link: Array,
    free: Array,
    whom: Array,
    where: Array,
    who: Array,
    name: Array,
    which: Array,
    how: Array,
    reports_seen: Array,
    re_target: Array,
    re_class: Array,
    re_group: Array,
    re_name: Array,
    re_ordinal: Array,
    re_how: Array,
    re_entered: Array,
    re_key: Array,
) -> Int:
    """Take the reports of today; `re_entered` is the day on which each enters the register, -1 never."""
    count = 0
    while True:
        slot = take(head, link, free, day)
        if slot < 0:
            return count
        target, ordinal, district = whom[slot], which[slot], where[slot] // kinds
        reports_seen[district] += 1.0
        u, v = uniform_pair(seed, target, _RECORD, ordinal)
        entered = -1
        if u < completeness:
            entered = day
            if v < late_share:
                entered = day + np.int64(-late_mean * math.log(v / late_share))
        if count >= re_target.size:
            raise OverflowError("more reports on one day than there is room for")
        re_target[count] = target
        re_class[count] = where[slot]
        re_group[count] = who[slot]
        re_name[count] = name[slot]
        re_ordinal[count] = ordinal
        re_how[count] = how[slot]
        re_entered[count] = entered
        re_key[count] = causal_key(target, ordinal)
        count += 1


class Reporting(Mechanism):
    """Turn cases into reports and reports into records."""

    name = "reporting"
    elements = ("A16",)
    summary = "victims report some cases, the police record some reports"
    reads = (
        "demand_count",
        "demand_target",
        "demand_class",
        "demand_group",
        "demand_claim",
        "demand_channel",
        "demand_ordinal",
        "action",
        "incident_count",
        "incident_target",
        "incident_class",
        "incident_group",
        "incident_ordinal",
        "credibility",
        "threat_credibility",
        "trust",
        "station_access",
        "distrust",
    )
    writes = {
        "reported": Variable(("target",), "u4", "1", "which of a target's last 32 demands are reported, a bit each"),
        "cases_seen": Variable(("district",), "f8", "cases", "cases that are remembered"),
        "reports_seen": Variable(("district",), "f8", "reports", "reports that are remembered"),
        "file_head": Variable(("day",), "i4", "slot", "calendar of reports"),
        "file_link": Variable(("pending",), "i4", "slot", "calendar of reports"),
        "file_free": Variable(("three",), "i8", "slot", "calendar of reports"),
        "file_whom": Variable(("pending",), "i4", "target", "calendar: target"),
        "file_where": Variable(("pending",), "i4", "class", "calendar: class of the target"),
        "file_who": Variable(("pending",), "i2", "group", "calendar: group"),
        "file_name": Variable(("pending",), "i2", "group", "calendar: the name that was used"),
        "file_which": Variable(("pending",), "i4", "1", "calendar: demand"),
        "file_how": Variable(("pending",), "i1", "1", "calendar: 0 in person, 1 by remote, 2 after a punishment"),
        "report_count": Variable(("one",), "i8", "1", "reports of today"),
        "report_target": Variable(("today",), "i4", "target", "reports of today: target"),
        "report_class": Variable(("today",), "i4", "class", "reports of today: class"),
        "report_group": Variable(("today",), "i2", "group", "reports of today: group"),
        "report_name": Variable(("today",), "i2", "group", "reports of today: the name that the police note"),
        "report_ordinal": Variable(("today",), "i4", "1", "reports of today: demand"),
        "report_key": Variable(("today",), "u8", "1", "reports of today: target and ordinal of the demand"),
        "report_how": Variable(
            ("today",), "i1", "1", "reports of today: 0 in person, 1 by remote, 2 after a punishment"
        ),
        "report_entered": Variable(("today",), "i4", "day", "reports of today: day of entry in the register, -1 never"),
    }
    draws = (Stream.REPORT, Stream.INCIDENT_REPORT, Stream.RECORD, Stream.MONTH_NOISE)
    emits = ("report", "record")
    Parameters = ReportingParameters

    def accept(self, parameters: ReportingParameters) -> None:
        """Keep the parameters and the noise of every month."""
        self.p = p = parameters
        self._settings = (p.base, p.remote, p.trust_weight, p.fear_weight, p.cover_weight, p.paid, p.harm)
        self._keep = 0.5 ** (1.0 / p.memory)
        self._noise = self._monthly_noise()
        self._cover = np.zeros(self.city.districts)

    def _monthly_noise(self) -> Array:
        """Return what month and place add to the log odds of reporting, `[month, district]`, December included."""
        city, p = self.city, self.p
        noise = np.empty((city.months, city.districts))
        for month in range(city.months):
            calendar_month = (city.scenario.start.month - 1 + month) % 12 + 1
            noise[month] = p.december if calendar_month == _DECEMBER else 0.0
            noise[month] += p.dispersion_city * normal(self.seed, _CITY, _MONTH_NOISE, month)
            for district in range(city.districts):
                noise[month, district] += p.dispersion_district * normal(self.seed, district, _MONTH_NOISE, month)
        return noise

    def prepare(self) -> None:
        """Start with nothing on the calendar."""
        self.v.file_head[:] = empty_head(self.city.days)
        self.v.file_free[:] = empty_free()

    def step(self, day: int) -> None:
        """File reports of today's demands and incidents; receive and record those that are due."""
        v = self.v
        month = int(self.city.month_of_day[day])
        self._file(day, int(v.demand_count[0]), month, int(v.incident_count[0]))
        v.report_count[0] = n = self._receive(day)
        if n:
            self._report(n, day)

    @cached_property
    def _file(self) -> Callable[..., None]:
        v, p = self.v, self.p
        return bind(
            file_reports,
            self.seed,
            LATE,
            self.city.kinds,
            self._settings,
            p.delay_mean,
            self._keep,
            v.trust,
            v.distrust,
            v.station_access,
            self._cover,
            v.credibility,
            v.threat_credibility,
            LATE,
            v.demand_target,
            v.demand_class,
            v.demand_group,
            v.demand_claim,
            v.demand_channel,
            v.demand_ordinal,
            v.action,
            LATE,
            self._noise,
            LATE,
            v.incident_target,
            v.incident_class,
            v.incident_group,
            v.incident_ordinal,
            v.reported,
            v.cases_seen,
            v.reports_seen,
            v.file_head,
            v.file_link,
            v.file_free,
            v.file_whom,
            v.file_where,
            v.file_who,
            v.file_name,
            v.file_which,
            v.file_how,
        )

    @cached_property
    def _receive(self) -> Callable[..., int]:
        v, p = self.v, self.p
        return bind(
            receive,
            self.seed,
            LATE,
            self.city.kinds,
            p.completeness,
            p.late_share,
            p.late_mean,
            v.file_head,
            v.file_link,
            v.file_free,
            v.file_whom,
            v.file_where,
            v.file_who,
            v.file_name,
            v.file_which,
            v.file_how,
            v.reports_seen,
            v.report_target,
            v.report_class,
            v.report_group,
            v.report_name,
            v.report_ordinal,
            v.report_how,
            v.report_entered,
            v.report_key,
        )

    @cached_property
    def _report(self) -> Callable[..., None]:
        v = self.v
        return self.log.writer(
            put_reports,
            self.city.kinds,
            type_codes(self.emits),
            _BITS,
            v.report_key,
            v.report_how,
            v.report_entered,
            v.report_class,
            v.report_group,
            v.report_name,
            v.report_target,
            columns=REPORT_COLUMNS,
            rows_each=len(self.emits),
        )
