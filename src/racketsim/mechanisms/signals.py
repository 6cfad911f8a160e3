"""Public threats (A4): words that cost who says them, and what follows from them.

A group comes under pressure in a district by arrests, by riots there, and by rivals who come or drive it out
(`signal_rules.add_pressure`); pressure p halves with time. It threatens in public with hazard
    rate * violence_g * p[g, d], while g has members anywhere.
Who sees the threat (the district, its neighbours, the rest of the city) believes the group more:
    T[d, g] += force * standing_g * reach_d * (1 - T[d, g]), halving with time; belief is 1 - (1 - c)(1 - T).
That adds to the grievance of those who see it (`threat_alarm`), and makes the group a priority of the state: for a time
cases against it are cleared faster. For `window` days an act is expected, and the group punishes more readily
(`resolve`). Where it hurts nobody in public in that time, T and the standing of its next threats lose the share
`discount`; else a part of what its standing has lost comes back. `ultimatums` adds deadlines to some threats.

Draws: whether a cell threatens. References: `signal_rules`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np

from racketsim.engine.bound import LATE, bind
from racketsim.engine.cells import CELL_STRIDE, draw_thresholds, fire_cells
from racketsim.engine.log import event_id
from racketsim.engine.mechanism import Mechanism, Switch, Variable
from racketsim.engine.streams import Stream
from racketsim.mechanisms import signal_rules as rules
from racketsim.mechanisms.parameters import Parameters, parameter

NOBODY = -1
_WAIT = int(Stream.PUBLIC_THREAT_WAIT)


class SignalParameters(Parameters):
    """When groups threaten in public, who believes it, and what it costs them."""

    arrest_weight: float = parameter("1", "pressure on a group whose members are all arrested", ge=0.0, le=100.0)
    riot_weight: float = parameter("1/1,000 people", "pressure of people who riot against a group", ge=0.0, le=100.0)
    rival_weight: float = parameter("1", "pressure of a rival who comes for every member", ge=0.0, le=100.0)
    pressure_half_life: float = parameter("days", "time in which pressure halves", gt=0.0, le=1e4)
    rate: float = parameter("threats/day", "public threats at pressure 1, by ordinary violence", ge=0.0, le=10.0)
    force: float = parameter("probability", "belief in punishment that a threat adds on the spot", ge=0.0, le=1.0)
    reach_neighbours: float = parameter("1", "force of a threat in the districts around", ge=0.0, le=1.0)
    reach_city: float = parameter("1", "force of a threat in the rest of the city", ge=0.0, le=1.0)
    half_life: float = parameter("days", "time in which belief from threats halves", gt=0.0, le=1e4)
    window: int = parameter("days", "time in which an act is expected", ge=1, le=1000)
    resolve: float = parameter("1", "factor on punishment in that time", ge=0.0, le=10.0)
    discount: float = parameter("share", "belief that is lost where nothing follows", ge=0.0, le=1.0)
    restore: float = parameter("share", "lost standing that comes back where an act follows", ge=0.0, le=1.0)
    priority_threat: float = parameter("1", "added to the factor on clearance by a threat", ge=0.0, le=100.0)
    priority_half_life: float = parameter("days", "time in which that priority halves", gt=0.0, le=1e4)
    priority_most: float = parameter("1", "highest factor on clearance", ge=1.0, le=1000.0)


class Signals(Mechanism):
    """Let groups under pressure threaten in public, and see whether acts follow."""

    name = "signals"
    elements = ("A4",)
    summary = "groups under pressure threaten in public; threats that nothing follows lose belief"
    reads = (
        "members",
        "moving",
        "displaced",
        "arrested",
        "arrest_key",
        "violence",
        "incident_count",
        "incident_group",
        "incident_injured",
        "incident_killed",
        "incident_public",
        "protest_size",
        "protest_violent",
        "protest_nth",
        "burnt_reported_by_group",
        "deadline_kept",
    )
    writes = {
        "pressure": Variable(("group", "district"), "f8", "1", "pressure on a cell that is remembered"),
        "pressure_cause": Variable(("group", "district"), "u8", "event", "what raised it last, 0 not known"),
        "threat_threshold": Variable(("group", "district"), "f8", "1", "hazard until the next public threat"),
        "threats": Variable(("group", "district"), "i8", "threats", "public threats so far"),
        "public_threat": Variable(("group",), "i2", "threats", "public threats of the group today"),
        "threat_district": Variable(("group",), "i2", "district", "where it threatened last, -1 never"),
        "threat_until": Variable(("group",), "i4", "day", "last day on which an act is expected, -1 none"),
        "threat_kept": Variable(("group",), "u1", "1", "whether an act has followed its last threat"),
        "threat_standing": Variable(("group",), "f8", "1", "how far its threats are believed"),
        "threat_credibility": Variable(("district", "group"), "f8", "probability", "belief that threats have added"),
        "threat_alarm": Variable(("district",), "f8", "threats", "threats seen today, by reach and standing"),
        "threat_violence": Variable(("group",), "f8", "1", "factor on punishment while an act is expected"),
        "state_priority": Variable(("group",), "f8", "1", "factor on the clearance of cases against the group"),
    }
    draws = (Stream.PUBLIC_THREAT_WAIT,)
    emits = ("public_threat",)
    switches = {"A4": Switch("no group threatens in public, and none is a priority of the state")}
    Parameters = SignalParameters

    def accept(self, parameters: SignalParameters) -> None:
        """Keep the parameters, who is on the spot, and how far a threat from each district reaches."""
        self.p = p = parameters
        city = self.city
        self._territorial = np.ones(city.groups, dtype=bool)
        for place, group in enumerate(city.scenario.groups):
            self._territorial[place] = group.role != "remote"
        self._reach = np.where(city.scenario.districts.adjacency, p.reach_neighbours, p.reach_city)
        np.fill_diagonal(self._reach, 1.0)
        weights = (p.arrest_weight, p.riot_weight, p.rival_weight)
        self._settings = (*weights, 0.5 ** (1.0 / p.pressure_half_life), p.rate)
        self._keep = tuple(0.5 ** (1.0 / days) for days in (p.half_life, p.priority_half_life))
        shape = (city.groups, city.districts)
        self._hazard = np.zeros(shape)
        self._fired = np.zeros(shape, dtype=np.int64)
        self._hurt = np.zeros(city.groups, dtype=np.int64)
        self._sums = np.zeros((3, city.districts))

    def prepare(self) -> None:
        """Start with nothing said, everybody believed, and the first thresholds drawn."""
        v = self.v
        v.threat_district[:] = NOBODY
        v.threat_until[:] = NOBODY
        v.threat_standing[:] = 1.0
        v.threat_violence[:] = 1.0
        v.state_priority[:] = 1.0
        draw_thresholds(self.seed, _WAIT, v.threat_threshold)

    def step(self, day: int) -> None:
        """Let memories fade, see whose words were kept, and let those under pressure threaten."""
        self._fade()
        self._keep_words(day, int(self.v.incident_count[0]))
        if self._press() > 0.0 and self._await_threats():
            for group, district in np.argwhere(self._fired).tolist():
                self._threaten(day, group, district)

    @cached_property
    def _fade(self) -> Callable[..., None]:
        v = self.v
        return bind(rules.fade, *self._keep, v.threat_credibility, v.state_priority, v.threat_alarm)

    @cached_property
    def _await_threats(self) -> Callable[..., int]:
        v = self.v
        return bind(fire_cells, self.seed, _WAIT, self._hazard, v.threat_threshold, v.threats, self._fired)

    @cached_property
    def _keep_words(self) -> Callable[[int, int], None]:
        v, p = self.v, self.p
        return bind(
            rules.keep_words,
            LATE,
            LATE,
            v.incident_group,
            v.incident_injured,
            v.incident_killed,
            v.incident_public,
            p.discount,
            p.restore,
            p.resolve,
            v.deadline_kept,
            v.threat_kept,
            v.threat_until,
            self._hurt,
            v.public_threat,
            v.threat_standing,
            v.threat_credibility,
            v.threat_violence,
        )

    @cached_property
    def _press(self) -> Callable[..., float]:
        """Add today's arrests, riots and rivals to the pressure on every cell; return the hazard of all of them."""
        v = self.v
        return bind(
            rules.add_pressure,
            self._settings,
            self._territorial,
            v.violence,
            v.members,
            v.arrested,
            v.arrest_key,
            v.moving,
            v.displaced,
            v.protest_size,
            v.protest_violent,
            v.protest_nth,
            v.burnt_reported_by_group,
            self._sums,
            v.pressure,
            v.pressure_cause,
            self._hazard,
        )

    def _threaten(self, day: int, group: int, district: int) -> None:
        v, p = self.v, self.p
        key = event_id(_WAIT, group * CELL_STRIDE + district, int(v.threats[group, district]))
        v.public_threat[group] += 1
        v.threat_district[group] = district
        v.threat_until[group] = day + p.window
        v.threat_kept[group] = 0
        v.threat_alarm += v.threat_standing[group] * self._reach[district]
        v.threat_violence[group] = p.resolve
        v.state_priority[group] = min(v.state_priority[group] + p.priority_threat, p.priority_most)
        rules.broadcast(self._reach[district], p.force, v.threat_standing[group], v.threat_credibility[:, group])
        cause = v.pressure_cause[group, district]
        self.log.add("public_threat", day, 1, event_id=key, group=group, district=district, caused_by=cause)
