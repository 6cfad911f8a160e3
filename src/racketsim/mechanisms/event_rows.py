"""Rows of the event log: what a day holds of demands, incidents, reports and the like, written as events.

Each kernel is called by a `Writing` (`engine.writing`) with the first row that it may write, the number of items and
the day; then come the columns of the day, whose names end in `_` where the log has a column of the same name, and the
columns of the log. `bits` are the upper parts of ids. All return the number of rows written.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from racketsim.engine.kernel import Int, kernel
from racketsim.engine.log import type_codes
from racketsim.engine.mechanism import Array

if TYPE_CHECKING:
    from racketsim.engine.log import EventLog

DEMAND_COLUMNS = (
    "event_id",
    "day",
    "type",
    "district",
    "kind",
    "group",
    "claimed",
    "target",
    "channel",
    "amount",
    "caused_by",
)
INCIDENT_COLUMNS = (
    "event_id",
    "day",
    "type",
    "district",
    "kind",
    "group",
    "target",
    "method",
    "injured",
    "killed",
    "caused_by",
)
REPORT_COLUMNS = ("event_id", "day", "type", "district", "kind", "group", "claimed", "target", "caused_by")
REOPENING_COLUMNS = ("day", "type", "district", "kind")
CELL_COLUMNS = ("day", "type", "district", "group", "claimed", "count")
NOBODY = -1
"""Of a group that is claimed: none."""

AFTER_PUNISHMENT = 2
"""How a report came about: after a punishment (0 and 1: after a demand in person, or by remote)."""


@kernel
def put_demands(
    first: Int,
    rows: Int,
    day: Int,
    codes: Array,
    choice: Array,
    bits: Int,
    cause_bits: Int,
    kinds: Int,
    key: Array,
    class_: Array,
    group_: Array,
    claim_: Array,
    target_: Array,
    channel_: Array,
    amount_: Array,
    event_id: Array,
    day_: Array,
    type_: Array,
    district: Array,
    kind: Array,
    group: Array,
    claimed: Array,
    target: Array,
    channel: Array,
    amount: Array,
    caused_by: Array,
) -> Int:
    """Write one event for each of a day's demands, from row `first` on; its type is `codes[choice[n]]`.

    `bits` and `cause_bits` are the upper parts of the ids of the event and of its cause (0: it has none).
    """
    for n in range(rows):
        row = first + n
        event_id[row] = key[n] | bits
        day_[row] = day
        type_[row] = codes[choice[n]]
        district[row] = class_[n] // kinds
        kind[row] = class_[n] % kinds
        group[row] = group_[n]
        claimed[row] = claim_[n]
        target[row] = target_[n]
        channel[row] = channel_[n]
        amount[row] = amount_[n]
        if cause_bits > 0:
            caused_by[row] = key[n] | cause_bits
    return rows


@kernel
def put_incidents(
    first: Int,
    count: Int,
    day: Int,
    kinds: Int,
    codes: Array,
    bits: Int,
    cause_bits: Int,
    key: Array,
    class_: Array,
    group_: Array,
    target_: Array,
    method_: Array,
    injured_: Array,
    killed_: Array,
    event_id: Array,
    day_: Array,
    type_: Array,
    district: Array,
    kind: Array,
    group: Array,
    target: Array,
    method: Array,
    injured: Array,
    killed: Array,
    caused_by: Array,
) -> Int:
    """Write today's incidents to the log from row `first` on; `bits` are the upper parts of ids. Returns `count`."""
    for n in range(count):
        row = first + n
        event_id[row] = key[n] | bits
        day_[row] = day
        type_[row] = codes[0]
        district[row] = class_[n] // kinds
        kind[row] = class_[n] % kinds
        group[row] = group_[n]
        target[row] = target_[n]
        method[row] = method_[n]
        injured[row] = injured_[n]
        killed[row] = killed_[n]
        caused_by[row] = key[n] | cause_bits
    return count


@kernel
def put_reports(
    first: Int,
    count: Int,
    day: Int,
    kinds: Int,
    codes: Array,
    bits: Array,
    key: Array,
    how: Array,
    entered: Array,
    class_: Array,
    group_: Array,
    name_: Array,
    target_: Array,
    event_id: Array,
    day_: Array,
    type_: Array,
    district: Array,
    kind: Array,
    group: Array,
    claimed: Array,
    target: Array,
    caused_by: Array,
) -> Int:
    """Write today's reports to the log from row `first` on, then the records of those that enter the register.

    `codes` are the types of both, `bits` the upper parts of ids: of reports, records, incidents and demands.
    """
    row = first
    for record in range(2):
        for n in range(count):
            if record == 1 and entered[n] < 0:
                continue
            cause = bits[0] if record == 1 else (bits[2] if how[n] == AFTER_PUNISHMENT else bits[3])
            event_id[row] = key[n] | bits[record]
            day_[row] = day
            type_[row] = codes[record]
            district[row] = class_[n] // kinds
            kind[row] = class_[n] % kinds
            group[row] = group_[n]
            claimed[row] = name_[n]
            target[row] = target_[n]
            caused_by[row] = key[n] | cause
            row += 1
    return row - first


@kernel
def put_reopenings(
    first: Int,
    count: Int,
    day: Int,
    kinds: Int,
    codes: Array,
    class_: Array,
    day_: Array,
    type_: Array,
    district: Array,
    kind: Array,
) -> Int:
    """Write today's reopenings to the log."""
    for n in range(count):
        day_[first + n] = day
        type_[first + n] = codes[0]
        district[first + n] = class_[n] // kinds
        kind[first + n] = class_[n] % kinds
    return count


@kernel
def put_cells(
    first: Int,
    _: Int,
    day: Int,
    codes: Array,
    group_: Array,
    claimed_: Array,
    count_: Array,
    day_: Array,
    type_: Array,
    district: Array,
    group: Array,
    claimed: Array,
    count: Array,
) -> Int:
    """Write one event for each cell of `count_[G, D]` that is not 0; `group_[G]` and `claimed_[G]` are by its row.

    There must be room for one row a cell that is not 0.
    """
    row = first
    for place in range(count_.shape[0]):
        for here in range(count_.shape[1]):
            if count_[place, here] != 0:
                day_[row] = day
                type_[row] = codes[0]
                district[row] = here
                group[row] = group_[place]
                claimed[row] = claimed_[place]
                count[row] = count_[place, here]
                row += 1
    return row - first


def cell_writer(
    log: EventLog, what: str, count: Array, *, group: Array | None = None, claimed: Array | None = None
) -> Callable[..., None]:
    """Return a function of how many cells of `count[G, D]` are not 0, at most, and of the day: it logs each as `what`.

    `group[G]` and `claimed[G]` are the groups of its rows: by default their own places, and nobody.
    """
    groups = np.arange(len(count)) if group is None else group
    names = np.full(len(count), NOBODY) if claimed is None else claimed
    return log.writer(put_cells, type_codes([what]), groups, names, count, columns=CELL_COLUMNS)
