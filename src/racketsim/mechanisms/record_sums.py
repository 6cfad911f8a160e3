"""Sums of a day: what `records` adds to the tables of a month, each table [month, ...]."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from racketsim.engine.cells import anything
from racketsim.engine.kernel import Int, Real, kernel
from racketsim.engine.mechanism import Array
from racketsim.mechanisms.asking import CEDED, TEST
from racketsim.mechanisms.decision import BOTH, CLOSE, REFUSE


@kernel
def count_demands(
    kinds: Int,
    count: Int,
    class_: Array,
    group_: Array,
    claim_: Array,
    channel_: Array,
    reason_: Array,
    displaced_: Array,
    action: Array,
    month: Int,
    demands: Array,
    paid: Array,
    refused: Array,
    closed: Array,
    by_group: Array,
    by_claim: Array,
    displaced: Array,
    both: Array,
    ceded: Array,
    tested: Array,
) -> None:
    """Add the day's demands and decisions to the tables of its month."""
    for n in range(count):
        district, kind, channel = class_[n] // kinds, class_[n] % kinds, channel_[n]
        demands[month, district, kind, channel] += 1
        by_group[month, district, group_[n]] += 1
        by_claim[month, district, claim_[n]] += 1
        if displaced_[n]:
            displaced[month, district] += 1
        if reason_[n] == CEDED:
            ceded[month, district] += 1
        elif reason_[n] == TEST:
            tested[month, district] += 1
        if action[n] == REFUSE:
            refused[month, district, kind, channel] += 1
        elif action[n] == CLOSE:
            closed[month, district, kind] += 1
        else:
            paid[month, district, kind, channel] += 1
            both[month, district] += action[n] == BOTH


@kernel
def count_incidents(
    kinds: Int,
    count: Int,
    class_: Array,
    group_: Array,
    method_: Array,
    injured_: Array,
    killed_: Array,
    month: Int,
    incidents: Array,
    by_group: Array,
    injured: Array,
    killed: Array,
) -> None:
    """Add the day's incidents to the tables of its month."""
    for n in range(count):
        district = class_[n] // kinds
        incidents[month, district, method_[n]] += 1
        by_group[month, group_[n], method_[n]] += 1
        injured[month, district] += injured_[n]
        killed[month, district] += killed_[n]


@kernel
def count_reports(
    kinds: Int,
    count: Int,
    class_: Array,
    entered_: Array,
    withheld_: Array,
    month: Int,
    month_end: Array,
    reported: Array,
    recorded: Array,
    on_time: Array,
) -> None:
    """Add the day's reports that were made to the tables of its month; `month_end` is the last day of each month."""
    for n in range(count):
        if withheld_[n]:
            continue
        district = class_[n] // kinds
        reported[month, district] += 1
        if entered_[n] >= 0:
            recorded[month, district] += 1
        if 0 <= entered_[n] <= month_end[month]:
            on_time[month, district] += 1


@kernel
def add_flat(month: Int, today: Sequence[Array], tables: Sequence[Array]) -> None:
    """Add each array of `today`, laid out flat, to the row `month` of its table."""
    for n in range(len(today)):
        flow, table = today[n], tables[n]
        for i in range(flow.size):
            table[month, i] += flow[i]


@kernel
def add_cells(
    month: Int,
    over_groups: Sequence[Array],
    by_district: Sequence[Array],
    over_districts: Sequence[Array],
    by_group: Sequence[Array],
) -> None:
    """Add the sums of arrays [G, D] over groups and over districts to the row `month` of their tables."""
    for n in range(len(over_groups)):
        flow, table = over_groups[n], by_district[n]
        if not anything(flow):
            continue
        for group in range(flow.shape[0]):
            for district in range(flow.shape[1]):
                if flow[group, district] != 0:
                    table[month, district] += flow[group, district]
    for n in range(len(over_districts)):
        flow, table = over_districts[n], by_group[n]
        if not anything(flow):
            continue
        for group in range(flow.shape[0]):
            for district in range(flow.shape[1]):
                if flow[group, district] != 0:
                    table[month, group] += flow[group, district]


@kernel
def add_police(
    month: Int,
    officers: Array,
    emergency: Array,
    population: Array,
    special: Array,
    unit: Array,
    colluding: Array,
    unmasked: Array,
    officer_days: Array,
    emergency_days: Array,
    person_days: Array,
    collusion_days: Array,
    unmasked_by: Array,
) -> Real:
    """Add what the state did today to the tables of its month; return the officers in special units."""
    units = 0.0
    for district in range(officers.size):
        officer_days[month, district] += np.int64(np.rint(officers[district]))
        units += special[district]
        if emergency[district]:
            emergency_days[month, district] += emergency[district]
            person_days[month, district] += emergency[district] * population[district]
        if colluding[district] >= 0:
            collusion_days[month, district] += 1
    for group in range(unit.size):
        units += unit[group]
    if not anything(unmasked):
        return units
    for group in range(unit.size):
        for district in range(officers.size):
            if unmasked[group, district] != 0:
                unmasked_by[month, district, group] += unmasked[group, district]
    return units
