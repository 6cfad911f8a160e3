"""Rows of the event log: each kernel writes into the columns that are handed to it under their names."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

from racketsim.engine.log import EVENT_COLUMNS, EventLog
from racketsim.mechanisms import event_rows
from racketsim.mechanisms.event_rows import cell_writer

PAIRS = [
    (event_rows.put_demands, event_rows.DEMAND_COLUMNS),
    (event_rows.put_incidents, event_rows.INCIDENT_COLUMNS),
    (event_rows.put_reports, event_rows.REPORT_COLUMNS),
    (event_rows.put_reopenings, event_rows.REOPENING_COLUMNS),
    (event_rows.put_cells, event_rows.CELL_COLUMNS),
]


@pytest.mark.parametrize(("kernel", "columns"), PAIRS)
def test_the_last_parameters_of_a_kernel_are_its_columns_in_order(kernel: Any, columns: tuple[str, ...]) -> None:
    names = [name.rstrip("_") for name in inspect.signature(kernel.py_func).parameters]
    assert tuple(names[-len(columns) :]) == columns
    assert set(columns) <= EVENT_COLUMNS.keys()


def test_each_cell_that_is_not_empty_is_an_event_and_room_that_is_left_is_given_back() -> None:
    log, count = EventLog(), np.zeros((2, 3), dtype=np.int64)
    write = cell_writer(log, "release", count)
    count[0, 2], count[1, 0] = 4, 1
    write(6, 17)
    count[:] = 0
    count[1, 1] = 2
    write(1, 18)
    columns = log.events.columns()
    assert [columns[name].tolist() for name in ("day", "group", "district", "count", "claimed")] == [
        [17, 17, 18],
        [0, 1, 1],
        [2, 0, 1],
        [4, 1, 2],
        [-1, -1, -1],
    ]


def test_writing_goes_on_in_the_next_block_of_the_log() -> None:
    log, count = EventLog(), np.ones((50, 90), dtype=np.int64)
    write = cell_writer(log, "release", count)
    for day in range(3):
        write(count.size, day)
    assert np.array_equal(np.bincount(log.events.columns()["day"]), [4500, 4500, 4500])


def test_a_log_that_keeps_nothing_is_written_nothing() -> None:
    log = EventLog(keep=False)
    cell_writer(log, "release", np.ones((2, 3), dtype=np.int64))(6, 1)
    assert len(log.events.columns()["day"]) == 0
