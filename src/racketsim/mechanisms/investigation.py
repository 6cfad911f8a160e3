"""Rules of investigation: what opens a case, who works on which, and how fast cases are cleared (A3).

Complaint-driven: recorded reports and public incidents open cases with a chance each. General: an investigator, without
a complaint, comes upon each member of the district at a constant rate (`general`), as in the two sorts of policing of
GLODERS-S (Nardin et al. 2016, doi:10.1007/s10458-015-9303-7).

An investigator works on `caseload` cases of extortion at a time, one of a special unit on `unit_caseload`; the other
cases wait. Who can be cleared comes first (solvability: Greenwood and Petersilia 1975, RAND R-1776): a case has weight
w[g], and the weighted cases of a district have equal shares of its investigators. With W[g, d] = w cases[g, d],
U[g, d] = min(W, what a unit against the group can work on), K[d] what investigators of the district and units against
all can, s[d] the share of these units in it, the rate of clearance is
    clearance * (U + (W - U) * min(1, K / sum_g (W - U)) * (s + (1 - s) * pursuit[g, d])),
pursuit being 1 but for a group that has the police (`collusion`): those of the district spare it, special units do not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from racketsim.engine.cells import fire_cells
from racketsim.engine.kernel import Int, Real, kernel
from racketsim.engine.mechanism import Array
from racketsim.engine.philox import uniform
from racketsim.engine.streams import Stream

CLEARANCE, COLD, GENERAL = int(Stream.CLEARANCE_WAIT), int(Stream.CASE_COLD), int(Stream.GENERAL_WAIT)
_OPENING, _SIZE = int(Stream.CASE_OPENING), int(Stream.ARREST_SIZE)
_INCIDENT_BIT = 1 << 20


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
    """Open the cases of today's complaints in `cases[G, D]` and count them in `opened[G, D]`."""
    for n in range(reports):
        if re_entered[n] >= 0 and uniform(seed, re_target[n], _OPENING, re_ordinal[n]) < by_report:
            cases[re_group[n], re_class[n] // kinds] += 1
            opened[re_group[n], re_class[n] // kinds] += 1
    for n in range(incidents):
        if in_public[n] and uniform(seed, in_target[n], _OPENING, in_ordinal[n] + _INCIDENT_BIT) < by_incident:
            cases[in_group[n], in_class[n] // kinds] += 1
            opened[in_group[n], in_class[n] // kinds] += 1


@kernel
def begin_day(by_cell: Sequence[Array], by_group: Array, by_district: Sequence[Array]) -> None:
    """Set the counts of a day to 0: each of `by_cell[G, D]`, `by_group[G]`, and each of `by_district[D]`."""
    by_group[:] = 0
    for count in by_cell:
        count[:] = 0
    for count in by_district:
        count[:] = 0


@kernel
def assign_units(cases: Array, people: Array, unit: Array, places: Array, assigned: Array) -> None:
    """Set `assigned[G, D]`: the `unit[G]` investigators against each group, by its cases and members in `places[G, D]`.

    Where a group has neither, its unit does nothing.
    """
    for group in range(unit.size):
        assigned[group] = 0.0
        if unit[group] <= 0.0:
            continue
        leads = 0.0
        for district in range(places.shape[1]):
            if places[group, district]:
                leads += cases[group, district] + people[group, district]
        for district in range(places.shape[1]):
            if leads > 0.0 and places[group, district]:
                here = cases[group, district] + people[group, district]
                assigned[group, district] = unit[group] * here / leads


@kernel
def general_hazard(
    people: Array, investigators: Array, special: Array, assigned: Array, pursuit: Array, rate: Real, hazard: Array
) -> None:
    """Set `hazard[G, D]`, at which a case is opened without a complaint: rate * investigators * people.

    Those of the district look at `pursuit` of their rate; special units are not held back.
    """
    for group in range(people.shape[0]):
        for district in range(people.shape[1]):
            units = special[district] + assigned[group, district]
            looking = pursuit[group, district] * investigators[district] + units
            hazard[group, district] = rate * looking * people[group, district]


@kernel
def clearance_hazard(
    cases: Array,
    factor: Array,
    pursuit: Array,
    assigned: Array,
    room: Array,
    special_room: Array,
    clearance: Real,
    unit_caseload: Real,
    wanted: Array,
    hazard: Array,
    waiting: Array,
) -> None:
    """Set `hazard[G, D]`, at which cases are cleared, and `waiting[D]`, the cases on which nobody works.

    `room[D]` is how many weighted cases the investigators of a district and units against all can work on, of which
    `special_room[D]` those of the units; `wanted[D]` is overwritten.
    """
    groups, districts = cases.shape
    wanted[:] = 0.0
    waiting[:] = 0.0
    for group in range(groups):
        for district in range(districts):
            hazard[group, district] = 0.0
            if cases[group, district] > 0:
                weighted = factor[group] * cases[group, district]
                hazard[group, district] = weighted
                wanted[district] += max(weighted - unit_caseload * assigned[group, district], 0.0)
    for district in range(districts):
        wanted[district] = min(1.0, room[district] / wanted[district]) if wanted[district] > 0.0 else 1.0
    for group in range(groups):
        for district in range(districts):
            if cases[group, district] > 0:
                weighted = hazard[group, district]
                by_unit = min(weighted, unit_caseload * assigned[group, district])
                by_others = (weighted - by_unit) * wanted[district]
                if pursuit[group, district] != 1.0 and room[district] > 0.0:
                    unbiased = special_room[district] / room[district]
                    by_others *= unbiased + (1.0 - unbiased) * pursuit[group, district]
                worked = by_unit + by_others
                hazard[group, district] = clearance * worked
                share = worked / weighted if weighted > 0.0 else 0.0
                waiting[district] += cases[group, district] * (1.0 - share)


@kernel
def give_up(cases: Array, fired: Array, given_up: Array) -> None:
    """Close `fired[G, D]` cases, at most those that are open, and count them in `given_up[D]`."""
    for group in range(cases.shape[0]):
        for district in range(cases.shape[1]):
            if fired[group, district] > 0:
                closed = min(fired[group, district], cases[group, district])
                cases[group, district] -= closed
                given_up[district] += closed


@kernel
def investigate(
    seed: Int,
    general: Real,
    clearance: Real,
    cold: Real,
    caseload: Real,
    unit_caseload: Real,
    people: Array,
    investigators: Array,
    special: Array,
    unit: Array,
    places: Array,
    assigned: Array,
    solvability: Array,
    state_priority: Array,
    priority: Array,
    factor: Array,
    pursuit: Array,
    cases: Array,
    opened: Array,
    found: Array,
    given_up: Array,
    waiting: Array,
    general_threshold: Array,
    findings: Array,
    cold_threshold: Array,
    colds: Array,
    clearance_threshold: Array,
    clearances: Array,
    room: Array,
    special_room: Array,
    wanted: Array,
    hazard: Array,
    fired: Array,
) -> Int:
    """Open cases by general investigation, give cases up, and return how many are due to be cleared (`fired[G, D]`).

    The weight of a case, `factor[G]`, is its solvability times the priorities that state and police give the group.
    `assigned[G, D]`, `room[D]`, `special_room[D]`, `wanted[D]` and `hazard[G, D]` are overwritten.
    """
    assign_units(cases, people, unit, places, assigned)
    for group in range(factor.size):
        factor[group] = solvability[group] * (state_priority[group] + priority[group])
    general_hazard(people, investigators, special, assigned, pursuit, general, hazard)
    if fire_cells(seed, GENERAL, hazard, general_threshold, findings, fired):
        for group in range(cases.shape[0]):
            for district in range(cases.shape[1]):
                cases[group, district] += fired[group, district]
                opened[group, district] += fired[group, district]
                found[district] += fired[group, district]
    for district in range(room.size):
        special_room[district] = unit_caseload * special[district]
        room[district] = caseload * investigators[district] + special_room[district]
    for group in range(cases.shape[0]):
        for district in range(cases.shape[1]):
            hazard[group, district] = cold * cases[group, district]
    if fire_cells(seed, COLD, hazard, cold_threshold, colds, fired):
        give_up(cases, fired, given_up)
    clearance_hazard(
        cases, factor, pursuit, assigned, room, special_room, clearance, unit_caseload, wanted, hazard, waiting
    )
    return fire_cells(seed, CLEARANCE, hazard, clearance_threshold, clearances, fired)


@kernel
def arrest_size(seed: Int, cell: Int, event: Int, mean: Real) -> Int:
    """Return 1 + geometric arrests with the given mean."""
    if mean <= 1.0:
        return 1
    return 1 + np.int64(math.log(uniform(seed, cell, _SIZE, event)) / math.log(1.0 - 1.0 / mean))
