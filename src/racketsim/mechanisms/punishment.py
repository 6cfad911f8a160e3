"""Punishment of refusals: a heavy-tailed ladder of violence, and follow-up demands (A12, A22).

A refused group punishes with chance propensity * violence_g * deterrence**e * leaderless factor * threat factor *
deadline factor, after an exponential delay: it acts more readily on what it has threatened in public (`signals`), and
where it has let a deadline end in violence (`ultimatums`). The method is the group's signature with its own chance,
else one rung m of the ladder with weight share_m * escalation ** (m * n), n earlier refusals of the target (at most
three). A use of a method hurts somebody with its casualty probability; the number hurt is Pareto, floor(U ** (-1 /
tail)), cut at the most that the method can hurt, and each dies with the method's lethality. Remote operators have
nobody on the spot and hire others. Some incidents become public. A punished target is asked again.

Heavy tails: Clauset, Young and Gleditsch (2007, doi:10.1177/0022002706296157) for the severity of attacks. Losing a
leader raises violence, by 36% in six months and 80% in twelve (Calderon, Robles, Diaz-Cayeros and Magaloni 2015,
doi:10.1177/0022002715587053; Lindo and Padilla-Romo 2018, Journal of Health Economics 58): `leaderless_violence`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np

from racketsim.engine.bound import LATE, bind
from racketsim.engine.calendar import empty_free, empty_head
from racketsim.engine.log import stream_bits, type_codes
from racketsim.engine.mechanism import Mechanism, Switch, Variable
from racketsim.engine.streams import Stream
from racketsim.mechanisms.event_rows import INCIDENT_COLUMNS, put_incidents
from racketsim.mechanisms.parameters import Parameters, parameter
from racketsim.mechanisms.strikes import follow, resolve, strike

_PUNISHMENT, _DECISION = int(Stream.PUNISHMENT), int(Stream.DECISION)


class PunishmentParameters(Parameters):
    """How often, how soon and how hard refusals are punished."""

    propensity: float = parameter("probability", "that a group of ordinary violence punishes a refusal", ge=0.0, le=1.0)
    delay_mean: float = parameter("days", "mean delay from refusal to punishment", ge=0.0, le=1e3)
    follow_up_mean: float = parameter("days", "mean delay from punishment to the next demand", ge=0.0, le=1e3)
    escalation: float = parameter("1", "factor on each rung of the ladder for each earlier refusal", gt=0.0, le=10.0)
    officer_elasticity: float = parameter(
        "1", "elasticity of punishment to officers, with its sign turned", ge=0.0, le=2.0
    )
    leaderless_violence: float = parameter("1", "factor on punishment while a group has no leader", ge=0.0, le=10.0)


class Punishment(Mechanism):
    """Punish refusals."""

    name = "punishment"
    elements = ("A4", "A12", "A22", "A23")
    summary = "some refusals are punished, by a heavy-tailed ladder of methods"
    reads = (
        "demand_count",
        "demand_target",
        "demand_class",
        "demand_group",
        "demand_ordinal",
        "demand_rival",
        "action",
        "refusals",
        "members",
        "deterrence",
        "leaderless_until",
        "violence",
        "threat_violence",
        "deadline_violence",
        "signature",
        "signature_share",
        "disarmed",
    )
    writes = {
        "punished": Variable(("target",), "u1", "1", "punishments suffered by a target"),
        "strike_head": Variable(("day",), "i4", "slot", "calendar of punishments and follow-ups"),
        "strike_link": Variable(("pending",), "i4", "slot", "calendar of punishments and follow-ups"),
        "strike_free": Variable(("three",), "i8", "slot", "calendar of punishments and follow-ups"),
        "strike_what": Variable(("pending",), "i1", "1", "calendar: 0 punishment, 1 follow-up"),
        "strike_whom": Variable(("pending",), "i4", "target", "calendar: target"),
        "strike_where": Variable(("pending",), "i4", "class", "calendar: class of the target"),
        "strike_who": Variable(("pending",), "i2", "group", "calendar: group"),
        "strike_which": Variable(("pending",), "i4", "1", "calendar: the demand that was refused"),
        "follow_count": Variable(("one",), "i8", "1", "follow-up demands of tomorrow"),
        "follow_target": Variable(("pending",), "i4", "target", "follow-ups of tomorrow: target"),
        "follow_class": Variable(("pending",), "i4", "class", "follow-ups of tomorrow: class"),
        "follow_group": Variable(("pending",), "i2", "group", "follow-ups of tomorrow: group"),
        "incident_count": Variable(("one",), "i8", "1", "incidents of today"),
        "incident_target": Variable(("today",), "i4", "target", "incidents of today: target"),
        "incident_class": Variable(("today",), "i4", "class", "incidents of today: class"),
        "incident_group": Variable(("today",), "i2", "group", "incidents of today: group"),
        "incident_ordinal": Variable(("today",), "i4", "1", "incidents of today: the demand that was refused"),
        "incident_key": Variable(("today",), "u8", "1", "incidents of today: target and ordinal of the demand"),
        "incident_method": Variable(("today",), "i1", "method", "incidents of today: method"),
        "incident_injured": Variable(("today",), "i4", "people", "incidents of today: injured"),
        "incident_killed": Variable(("today",), "i4", "people", "incidents of today: killed"),
        "incident_public": Variable(("today",), "u1", "1", "incidents of today: whether publicly known"),
    }
    draws = (
        Stream.PUNISHMENT,
        Stream.METHOD,
        Stream.CASUALTIES,
        Stream.LETHALITY,
        Stream.PUBLICITY,
        Stream.FOLLOW_UP,
    )
    emits = ("incident",)
    switches = {"A12": Switch("refusals are not punished")}
    Parameters = PunishmentParameters

    def accept(self, parameters: PunishmentParameters) -> None:
        """Keep the parameters and the ladder of the scenario."""
        self.p = parameters
        names = ("share", "casualty_probability", "victims_tail", "victims_most", "lethality", "publicity")
        methods = self.city.scenario.methods
        self._ladder = np.array([[method[name] for method in methods] for name in names])
        self._hires = np.zeros(self.city.groups, dtype=np.bool_)
        for place, group in enumerate(self.city.scenario.groups):
            self._hires[place] = group.role == "remote"
        self._quiet = np.zeros(self.city.districts)
        self._settings = (parameters.delay_mean, parameters.follow_up_mean, parameters.escalation)

    def prepare(self) -> None:
        """Start with nothing due."""
        self.v.strike_head[:] = empty_head(self.city.days)
        self.v.strike_free[:] = empty_free()

    def step(self, day: int) -> None:
        """Schedule punishments for today's refusals, carry out those that are due, look up tomorrow's follow-ups."""
        v = self.v
        self._resolve(day, int(v.demand_count[0]))
        v.incident_count[0] = n = self._strike(day)
        self._look_ahead(day + 1)
        if n:
            self._report(n, day)

    @cached_property
    def _resolve(self) -> Callable[..., None]:
        v, p = self.v, self.p
        return bind(
            resolve,
            self.seed,
            LATE,
            self.city.kinds,
            self._settings,
            LATE,
            v.demand_target,
            v.demand_class,
            v.demand_group,
            v.demand_ordinal,
            v.demand_rival,
            v.action,
            p.propensity,
            p.officer_elasticity,
            p.leaderless_violence,
            v.violence,
            v.threat_violence,
            v.deadline_violence,
            v.leaderless_until,
            v.deterrence,
            self._quiet,
            v.strike_head,
            v.strike_link,
            v.strike_free,
            v.strike_what,
            v.strike_whom,
            v.strike_where,
            v.strike_who,
            v.strike_which,
        )

    @cached_property
    def _strike(self) -> Callable[..., int]:
        v = self.v
        return bind(
            strike,
            self.seed,
            LATE,
            self.city.kinds,
            self._settings,
            self._ladder,
            v.members,
            self._hires,
            v.refusals,
            v.signature,
            v.signature_share,
            v.disarmed,
            v.punished,
            v.strike_head,
            v.strike_link,
            v.strike_free,
            v.strike_what,
            v.strike_whom,
            v.strike_where,
            v.strike_who,
            v.strike_which,
            v.incident_target,
            v.incident_class,
            v.incident_group,
            v.incident_ordinal,
            v.incident_method,
            v.incident_injured,
            v.incident_killed,
            v.incident_public,
            v.incident_key,
        )

    def _look_ahead(self, tomorrow: int) -> None:
        v = self.v
        if tomorrow >= self.city.days:
            v.follow_count[0] = 0
            return
        v.follow_count[0] = self._follow(tomorrow)

    @cached_property
    def _follow(self) -> Callable[..., int]:
        v = self.v
        return bind(
            follow,
            LATE,
            v.strike_head,
            v.strike_link,
            v.strike_what,
            v.strike_whom,
            v.strike_where,
            v.strike_who,
            self.city.kinds,
            v.members,
            v.follow_target,
            v.follow_class,
            v.follow_group,
        )

    @cached_property
    def _report(self) -> Callable[..., None]:
        v = self.v
        return self.log.writer(
            put_incidents,
            self.city.kinds,
            type_codes(self.emits),
            stream_bits(_PUNISHMENT),
            stream_bits(_DECISION),
            v.incident_key,
            v.incident_class,
            v.incident_group,
            v.incident_target,
            v.incident_method,
            v.incident_injured,
            v.incident_killed,
            columns=INCIDENT_COLUMNS,
        )
