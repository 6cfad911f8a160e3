"""Investigation and arrest (A3, A10): cases, clearance with limited capacity, sweeps, prepared captures.

Recorded reports and public incidents open cases against the cell (group x district) with a chance each. The cases of
a district are cleared at the rate min(clearance * cases, capacity * officers), shared over its cells by their cases,
and given up at a constant rate. A cleared case brings the arrest of 1 + geometric members, at most those who are there.
Added officers also look for those against whom a case is open (sweeps), at a rate in proportion to added officers and
open cases; each such arrest closes a case, so a surge that lasts runs out of people it knows. A prepared capture takes
its number from the cells of a group in proportion to members. Remote operators are arrested where most cases against
them are open.
"""

from __future__ import annotations

import math

import numpy as np

from racketsim.engine.cells import CELL_STRIDE, draw_thresholds, fire_cells
from racketsim.engine.kernel import Int, Real, kernel
from racketsim.engine.log import event_id
from racketsim.engine.mechanism import Array, Mechanism, Switch, Variable
from racketsim.engine.philox import uniform
from racketsim.engine.streams import Stream
from racketsim.mechanisms.parameters import Parameters, parameter

_OPENING, _CLEARANCE, _SIZE = int(Stream.CASE_OPENING), int(Stream.CLEARANCE_WAIT), int(Stream.ARREST_SIZE)
_COLD, _SWEEP, _REPORT = int(Stream.CASE_COLD), int(Stream.SWEEP_WAIT), int(Stream.REPORT)
_CAPTURE = int(Stream.CAPTURE)
_INCIDENT_BIT = 1 << 20


class PolicingParameters(Parameters):
    """How cases are opened, cleared and given up."""

    opening_report: float = parameter("probability", "that a recorded report opens a case", ge=0.0, le=1.0)
    opening_incident: float = parameter("probability", "that a public incident opens a case", ge=0.0, le=1.0)
    clearance: float = parameter("1/day", "rate at which an open case is cleared, within capacity", ge=0.0, le=1.0)
    cold: float = parameter("1/day", "rate at which an open case is given up", ge=0.0, le=1.0)
    capacity: float = parameter("cases/officer-day", "cases that the officers of a district can clear", ge=0.0, le=10.0)
    remote_clearance: float = parameter("1", "factor on clearance of cases against remote operators", ge=0.0, le=10.0)
    arrest_mean: float = parameter("members", "mean arrests of a cleared case", ge=1.0, le=100.0)
    sweep: float = parameter("1/officer-day", "rate at which one added officer closes an open case", ge=0.0, le=1.0)


@kernel
def open_cases(
    seed: Int,
    kinds: Int,
    by_report: Real,
    by_incident: Real,
    reports: Int,
    re_target: Array,
    re_class: Array,
    re_group: Array,
    re_ordinal: Array,
    re_entered: Array,
    incidents: Int,
    in_target: Array,
    in_class: Array,
    in_group: Array,
    in_ordinal: Array,
    in_public: Array,
    cases: Array,
    opened: Array,
) -> None:
    """Open today's cases in `cases[G, D]` and count them in `opened[G, D]`."""
    for n in range(reports):
        if re_entered[n] >= 0 and uniform(seed, re_target[n], _OPENING, re_ordinal[n]) < by_report:
            cases[re_group[n], re_class[n] // kinds] += 1
            opened[re_group[n], re_class[n] // kinds] += 1
    for n in range(incidents):
        if in_public[n] and uniform(seed, in_target[n], _OPENING, in_ordinal[n] + _INCIDENT_BIT) < by_incident:
            cases[in_group[n], in_class[n] // kinds] += 1
            opened[in_group[n], in_class[n] // kinds] += 1


@kernel
def clearance_hazard(
    cases: Array, officers: Array, factor: Array, clearance: Real, capacity: Real, hazard: Array
) -> None:
    """Set `hazard[G, D]`: min(clearance * cases, capacity * officers), shared over groups by cases * factor."""
    for district in range(cases.shape[1]):
        wanted = 0.0
        for group in range(cases.shape[0]):
            wanted += clearance * factor[group] * cases[group, district]
        room = min(1.0, capacity * officers[district] / wanted) if wanted > 0.0 else 0.0
        for group in range(cases.shape[0]):
            hazard[group, district] = room * clearance * factor[group] * cases[group, district]


@kernel
def arrest_size(seed: Int, cell: Int, event: Int, mean: Real) -> Int:
    """Return 1 + geometric arrests with the given mean."""
    if mean <= 1.0:
        return 1
    return 1 + np.int64(math.log(uniform(seed, cell, _SIZE, event)) / math.log(1.0 - 1.0 / mean))


class Policing(Mechanism):
    """Open, clear and give up cases; arrest."""

    name = "policing"
    elements = ("A3", "A10")
    summary = "cases are opened, cleared within capacity, and bring arrests"
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
        "officers",
        "surge",
        "captures",
        "priority",
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
        "sweep_threshold": Variable(("group", "district"), "f8", "1", "hazard until the next arrest in a sweep"),
        "sweeps": Variable(("group", "district"), "i8", "members", "arrested in sweeps so far"),
    }
    draws = (
        Stream.CASE_OPENING,
        Stream.CLEARANCE_WAIT,
        Stream.ARREST_SIZE,
        Stream.SWEEP_WAIT,
        Stream.CASE_COLD,
        Stream.CAPTURE,
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
        self._hazard = np.zeros((self.city.groups, self.city.districts))
        self._fired = np.zeros((self.city.groups, self.city.districts), dtype=np.int64)

    def prepare(self) -> None:
        """Draw the first thresholds."""
        v = self.v
        for stream, threshold in (
            (_CLEARANCE, v.clearance_threshold),
            (_COLD, v.cold_threshold),
            (_SWEEP, v.sweep_threshold),
        ):
            draw_thresholds(self.seed, stream, threshold)

    def step(self, day: int) -> None:
        """Open today's cases, then clear, give up and arrest."""
        v = self.v
        v.cases_opened[:] = 0
        v.cases_cleared[:] = 0
        v.arrested[:] = 0
        v.operators_arrested[:] = 0
        self._open(day)
        self._clear(day)
        np.multiply(v.cases, self.p.cold, out=self._hazard)
        if fire_cells(self.seed, _COLD, self._hazard, v.cold_threshold, v.cases_cold, self._fired):
            np.maximum(v.cases - self._fired, 0, out=v.cases)
        if np.count_nonzero(v.surge):
            self._sweep(day)
        if np.count_nonzero(v.captures):
            self._capture(day)

    def _open(self, day: int) -> None:
        v = self.v
        open_cases(
            self.seed,
            self.city.kinds,
            self.p.opening_report,
            self.p.opening_incident,
            int(v.report_count[0]),
            v.report_target,
            v.report_class,
            v.report_group,
            v.report_ordinal,
            v.report_entered,
            int(v.incident_count[0]),
            v.incident_target,
            v.incident_class,
            v.incident_group,
            v.incident_ordinal,
            v.incident_public,
            v.cases,
            v.cases_opened,
        )
        if self.log.keep and np.count_nonzero(v.cases_opened):
            group, district = v.cases_opened.nonzero()
            opened = v.cases_opened[group, district]
            self.log.add("case_opened", day, len(group), group=group, district=district, count=opened)

    def _clear(self, day: int) -> None:
        v, p = self.v, self.p
        clearance_hazard(v.cases, v.officers, self._factor * (1.0 + v.priority), p.clearance, p.capacity, self._hazard)
        if not fire_cells(self.seed, _CLEARANCE, self._hazard, v.clearance_threshold, v.clearances, self._fired):
            return
        for group, district in np.argwhere(self._fired).tolist():
            cell = group * CELL_STRIDE + district
            first = v.clearances[group, district] - self._fired[group, district]
            for event in range(first + 1, v.clearances[group, district] + 1):
                if v.cases[group, district] == 0:
                    break
                v.cases[group, district] -= 1
                v.cases_cleared[group, district] += 1
                case = event_id(_CLEARANCE, cell, event)
                self.log.add("case_cleared", day, 1, event_id=case, group=group, district=district, count=1)
                made = event_id(_SIZE, cell, event)
                self._arrest(day, group, district, arrest_size(self.seed, cell, event, p.arrest_mean), made, case)

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
        np.multiply(v.cases, self.p.sweep * v.surge, out=self._hazard)
        if fire_cells(self.seed, _SWEEP, self._hazard, v.sweep_threshold, v.sweeps, self._fired):
            for group, district in np.argwhere(self._fired).tolist():
                found = min(int(self._fired[group, district]), int(v.cases[group, district]))
                v.cases[group, district] -= found
                made = event_id(_SWEEP, group * CELL_STRIDE + district, int(v.sweeps[group, district]))
                self._arrest(day, group, district, found, made, 0)

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
        self._arrest(day, group, district, wanted, event_id(_CAPTURE, group * CELL_STRIDE + district, day), 0)
