"""Investigation and arrest (A3, A10): cases, a queue with limited capacity, arrests, sweeps, prepared captures.

Complaints and general investigation open cases against cells (group x district); the investigators of a district and
special units work on some, the others wait; cases are cleared or given up (equations in `investigation`). Those against
a group that hurts many (`brand`) or threatens in public (`signals`) come first: they weigh (state priority + priority)
times. A cleared case brings the arrest of 1 + geometric members, at most those who are there.

Officers sent to a district beyond what the whole city has more of also look for those against whom a case is open
(sweeps), at a rate in proportion to officers and open cases (those against remote operators weighted by
`remote_clearance`, as they are not in the street); each such arrest closes a case. Who is looked for adapts: only
officers beyond those of the last days find anybody (the decay of crackdowns: Sherman 1990, Crime and Justice 12). With
E[d] = max(0, R_d - R) base patrols[d], R_d and R as in `allocation`, and H following E with mean lag `habituation`,
    sweeps[g, d] = sweep * max(0, E[d] - H[d]) * cases[g, d].

A prepared capture takes its number from the cells of a group in proportion to members. Remote operators are arrested
where most cases against them are open.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np

from racketsim.engine.bound import LATE, bind
from racketsim.engine.cells import CELL_STRIDE, draw_thresholds, fire_cells, how_many
from racketsim.engine.log import event_id
from racketsim.engine.mechanism import Array, Mechanism, Switch, Variable
from racketsim.engine.streams import Stream
from racketsim.mechanisms.event_rows import cell_writer
from racketsim.mechanisms.investigation import (
    CLEARANCE,
    COLD,
    GENERAL,
    arrest_size,
    begin_day,
    investigate,
    open_cases,
)
from racketsim.mechanisms.parameters import Parameters, parameter

_SWEEP, _SIZE, _CAPTURE = int(Stream.SWEEP_WAIT), int(Stream.ARREST_SIZE), int(Stream.CAPTURE)
_FORGOTTEN = 1e-3
"""Officers: below this, suspects no longer reckon with a surge that is over."""


class PolicingParameters(Parameters):
    """How cases are opened, worked on, cleared and given up."""

    opening_report: float = parameter("probability", "that a recorded report opens a case", ge=0.0, le=1.0)
    opening_incident: float = parameter("probability", "that a public incident opens a case", ge=0.0, le=1.0)
    general: float = parameter(
        "1/investigator-day", "rate at which an investigator opens a case against one member there", ge=0.0, le=1.0
    )
    clearance: float = parameter("1/day", "rate at which a case that is worked on is cleared", ge=0.0, le=1.0)
    cold: float = parameter("1/day", "rate at which an open case is given up", ge=0.0, le=1.0)
    caseload: float = parameter(
        "cases/investigator", "cases of extortion on which an investigator works at a time", ge=0.0, le=100.0
    )
    unit_caseload: float = parameter(
        "cases/investigator", "the same of an investigator in a special unit", ge=0.0, le=100.0
    )
    remote_clearance: float = parameter("1", "factor on clearance of cases against remote operators", ge=0.0, le=10.0)
    arrest_mean: float = parameter("members", "mean arrests of a cleared case", ge=1.0, le=100.0)
    sweep: float = parameter("1/officer-day", "rate at which one added officer closes an open case", ge=0.0, le=1.0)
    habituation: float = parameter(
        "days", "mean time in which those who are looked for adapt to added officers", ge=1.0, le=1e5
    )


class Policing(Mechanism):
    """Open, clear and give up cases; arrest."""

    name = "policing"
    elements = ("A3", "A4", "A10")
    summary = "cases are opened, wait for investigators, are cleared or given up, and bring arrests"
    reads = (
        "report_count",
        "report_target",
        "report_class",
        "report_group",
        "report_ordinal",
        "report_entered",
        "incident_count",
        "incident_target",
        "incident_class",
        "incident_group",
        "incident_ordinal",
        "incident_public",
        "members",
        "moving",
        "operators",
        "investigators",
        "special",
        "unit",
        "unit_places",
        "pursuit",
        "surge",
        "surge_key",
        "patrols",
        "base_patrols",
        "captures",
        "capture_key",
        "priority",
        "state_priority",
        "impostors",
    )
    writes = {
        "cases": Variable(("group", "district"), "i8", "cases", "open cases against a cell"),
        "cases_opened": Variable(("group", "district"), "i8", "cases", "opened today"),
        "cases_cleared": Variable(("group", "district"), "i8", "cases", "cleared today"),
        "arrested": Variable(("group", "district"), "i8", "members", "arrested today"),
        "arrest_key": Variable(("group", "district"), "u8", "event", "the last arrest from a cell"),
        "operators_arrested": Variable(("group",), "i8", "operators", "remote operators arrested today"),
        "clearance_threshold": Variable(("group", "district"), "f8", "1", "hazard until the next clearance"),
        "clearances": Variable(("group", "district"), "i8", "cases", "cleared so far"),
        "cold_threshold": Variable(("group", "district"), "f8", "1", "hazard until the next case is given up"),
        "cases_cold": Variable(("group", "district"), "i8", "cases", "given up so far"),
        "cases_found": Variable(("district",), "i8", "cases", "opened today by general investigation"),
        "cases_given_up": Variable(("district",), "i8", "cases", "given up today"),
        "cases_waiting": Variable(("district",), "f8", "cases", "open cases on which nobody works"),
        "general_threshold": Variable(("group", "district"), "f8", "1", "hazard until the next case without complaint"),
        "findings": Variable(("group", "district"), "i8", "cases", "opened by general investigation so far"),
        "sweep_threshold": Variable(("group", "district"), "f8", "1", "hazard until the next arrest in a sweep"),
        "habituated": Variable(("district",), "f8", "officers", "added officers to whom suspects are used"),
        "sweeps": Variable(("group", "district"), "i8", "members", "arrested in sweeps so far"),
    }
    draws = (
        Stream.CASE_OPENING,
        Stream.CLEARANCE_WAIT,
        Stream.ARREST_SIZE,
        Stream.SWEEP_WAIT,
        Stream.CASE_COLD,
        Stream.CAPTURE,
        Stream.GENERAL_WAIT,
    )
    emits = ("case_opened", "case_cleared", "arrest")
    switches = {"A3": Switch("no case is opened and nobody is arrested, captures included")}
    Parameters = PolicingParameters

    def accept(self, parameters: PolicingParameters) -> None:
        """Keep the parameters and which groups are remote."""
        self.p = parameters
        self._remote = np.zeros(self.city.groups, dtype=bool)
        for place, group in enumerate(self.city.scenario.groups):
            self._remote[place] = group.role == "remote"
        self._factor = np.where(self._remote, parameters.remote_clearance, 1.0)
        cells = (self.city.groups, self.city.districts)
        self._hazard, self._assigned = np.zeros(cells), np.zeros(cells)
        self._fired = np.zeros(cells, dtype=np.int64)
        self._weight = self._factor.copy()
        self._room, self._special_room, self._wanted = np.zeros((3, self.city.districts))

    def prepare(self) -> None:
        """Draw the first thresholds."""
        v = self.v
        for stream, threshold in (
            (CLEARANCE, v.clearance_threshold),
            (COLD, v.cold_threshold),
            (GENERAL, v.general_threshold),
            (_SWEEP, v.sweep_threshold),
        ):
            draw_thresholds(self.seed, stream, threshold)

    def step(self, day: int) -> None:
        """Open today's cases, give up and clear, arrest."""
        v = self.v
        self._begin_day()
        self._complaints(int(v.report_count[0]), int(v.incident_count[0]))
        due = self._investigate()
        if opened := self._opened():
            self._report_opened(opened, day)
        if due:
            self._clear(day)
        if np.count_nonzero(v.surge) or np.count_nonzero(v.habituated):
            self._sweep(day)
        if np.count_nonzero(v.captures):
            self._capture(day)

    @cached_property
    def _begin_day(self) -> Callable[[], None]:
        v = self.v
        by_cell = (v.cases_opened, v.cases_cleared, v.arrested)
        return bind(begin_day, by_cell, v.operators_arrested, (v.cases_found, v.cases_given_up))

    @cached_property
    def _complaints(self) -> Callable[..., None]:
        v = self.v
        return bind(
            open_cases,
            self.seed,
            self.city.kinds,
            self.p.opening_report,
            self.p.opening_incident,
            LATE,
            v.report_target,
            v.report_class,
            v.report_group,
            v.report_ordinal,
            v.report_entered,
            LATE,
            v.incident_target,
            v.incident_class,
            v.incident_group,
            v.incident_ordinal,
            v.incident_public,
            v.cases,
            v.cases_opened,
        )

    @cached_property
    def _opened(self) -> Callable[[], int]:
        return bind(how_many, self.v.cases_opened)

    @cached_property
    def _report_opened(self) -> Callable[..., None]:
        return cell_writer(self.log, "case_opened", self.v.cases_opened)

    @cached_property
    def _investigate(self) -> Callable[..., int]:
        """Look around, give up, and return how many cases are due to be cleared."""
        v, p = self.v, self.p
        return bind(
            investigate,
            self.seed,
            p.general,
            p.clearance,
            p.cold,
            p.caseload,
            p.unit_caseload,
            v.members,
            v.investigators,
            v.special,
            v.unit,
            v.unit_places,
            self._assigned,
            self._factor,
            v.state_priority,
            v.priority,
            self._weight,
            v.pursuit,
            v.cases,
            v.cases_opened,
            v.cases_found,
            v.cases_given_up,
            v.cases_waiting,
            v.general_threshold,
            v.findings,
            v.cold_threshold,
            v.cases_cold,
            v.clearance_threshold,
            v.clearances,
            self._room,
            self._special_room,
            self._wanted,
            self._hazard,
            self._fired,
        )

    def _clear(self, day: int) -> None:
        v = self.v
        for group, district in np.argwhere(self._fired).tolist():
            cell = group * CELL_STRIDE + district
            first = v.clearances[group, district] - self._fired[group, district]
            for event in range(first + 1, v.clearances[group, district] + 1):
                if v.cases[group, district] == 0:
                    break
                v.cases[group, district] -= 1
                v.cases_cleared[group, district] += 1
                case = event_id(CLEARANCE, cell, event)
                self.log.add("case_cleared", day, 1, event_id=case, group=group, district=district, count=1)
                made, size = event_id(_SIZE, cell, event), arrest_size(self.seed, cell, event, self.p.arrest_mean)
                self._arrest(day, group, district, size, made, case)

    def _here(self, group: int) -> Array:
        """Return the members of a group by district who have neither moved away nor been arrested today."""
        v = self.v
        if group == self.city.impostor:
            return np.asarray(v.impostors - v.arrested[group])
        here: Array = v.members[group] + np.minimum(v.moving[group], 0) - v.arrested[group]
        return here

    def _arrest(self, day: int, group: int, district: int, wanted: int, key: int, cause: int) -> None:
        """Arrest up to `wanted` of the members (or, of a remote group, operators) who are still there."""
        v = self.v
        if self._remote[group]:
            taken = min(wanted, int(v.operators[group] - v.operators_arrested[group]))
            v.operators_arrested[group] += max(taken, 0)
        else:
            taken = min(wanted, int(self._here(group)[district]))
        if taken > 0:
            v.arrested[group, district] += taken
            v.arrest_key[group, district] = key
            about = {"event_id": key, "caused_by": cause}
            self.log.add("arrest", day, 1, group=group, district=district, count=taken, **about)

    def _sweep(self, day: int) -> None:
        v = self.v
        more = v.patrols.sum() / max(v.base_patrols.sum(), 1e-9)
        sent = np.where(v.surge > 0.0, np.maximum(v.patrols - more * v.base_patrols, 0.0), 0.0)
        fresh = np.maximum(sent - v.habituated, 0.0)
        v.habituated += (sent - v.habituated) / self.p.habituation
        v.habituated[v.habituated < _FORGOTTEN] = 0.0
        np.multiply(v.cases, self.p.sweep * fresh, out=self._hazard)
        self._hazard *= self._factor[:, None]
        if fire_cells(self.seed, _SWEEP, self._hazard, v.sweep_threshold, v.sweeps, self._fired):
            for group, district in np.argwhere(self._fired).tolist():
                found = min(int(self._fired[group, district]), int(v.cases[group, district]))
                v.cases[group, district] -= found
                made = event_id(_SWEEP, group * CELL_STRIDE + district, int(v.sweeps[group, district]))
                self._arrest(day, group, district, found, made, int(v.surge_key[district]))

    def _capture(self, day: int) -> None:
        """Take the members of a prepared capture from the cells of the group, by largest remainder."""
        v = self.v
        for group in np.flatnonzero(v.captures).tolist():
            if self._remote[group]:
                self._seize(day, group, int(v.cases[group].argmax()), int(v.captures[group]))
                continue
            present = self._here(group)
            share = min(int(v.captures[group]), int(present.sum())) * present / max(present.sum(), 1)
            taken = np.floor(share).astype(np.int64)
            rest = round(share.sum()) - int(taken.sum())
            taken[np.argsort(taken - share, kind="stable")[:rest]] += 1
            for district in np.flatnonzero(taken).tolist():
                self._seize(day, group, district, int(taken[district]))

    def _seize(self, day: int, group: int, district: int, wanted: int) -> None:
        made = event_id(_CAPTURE, group * CELL_STRIDE + district, day)
        self._arrest(day, group, district, wanted, made, int(self.v.capture_key[group]))
