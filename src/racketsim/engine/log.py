"""The event log of a run: append-only columns, one row an event, in the order in which things happened."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from racketsim.results.vocabulary import EVENT_TYPES

EVENT_COLUMNS: dict[str, tuple[str, int]] = {
    "event_id": ("u8", 0),
    "day": ("i4", 0),
    "type": ("u1", 0),
    "district": ("i2", -1),
    "kind": ("i1", -1),
    "group": ("i2", -1),
    "target": ("i8", -1),
    "channel": ("i1", -1),
    "method": ("i1", -1),
    "amount": ("i8", 0),
    "count": ("i4", 0),
    "injured": ("i4", 0),
    "killed": ("i4", 0),
    "caused_by": ("u8", 0),
}
"""Columns of an event with their type and the value that means "does not apply"."""

CLAIM_COLUMNS: dict[str, tuple[str, int]] = {
    "claim_id": ("u8", 0),
    "event_id": ("u8", 0),
    "day": ("i4", 0),
    "outlet": ("i1", -1),
    "district": ("i2", -1),
    "method": ("i1", -1),
    "group": ("i2", -1),
    "true_group": ("i2", -1),
    "injured": ("i4", 0),
    "killed": ("i4", 0),
}
"""Columns of a claim of the press about an event; `group` is -1 where the claim names none."""

_CODE = {name: code for code, name in enumerate(EVENT_TYPES)}
_GROWTH = 1 << 15


def event_id(stream: Any, entity: Any, ordinal: Any) -> Any:
    """Return the id of what a decision caused: stream (8 bits), entity (32 bits), ordinal (24 bits).

    Ids come from causes, not from rows, so they stay the same when something unrelated is added to a run.
    """
    return (
        (np.asarray(stream).astype(np.uint64) << np.uint64(56))
        | (np.asarray(entity).astype(np.uint64) << np.uint64(24))
        | np.asarray(ordinal).astype(np.uint64)
    )


class Table:
    """Append-only columns that grow as needed; a column that a row does not give keeps its default."""

    def __init__(self, columns: dict[str, tuple[str, int]]) -> None:
        self._defaults = columns
        self._columns: dict[str, npt.NDArray[Any]] = {}
        self.size = 0
        self._grow(_GROWTH)

    def _grow(self, capacity: int) -> None:
        for name, (dtype, default) in self._defaults.items():
            column = np.full(capacity, default, dtype=dtype)
            if self.size:
                column[: self.size] = self._columns[name][: self.size]
            self._columns[name] = column
        self._capacity = capacity

    def extend(self, rows: int, **values: Any) -> None:
        """Append `rows` rows; each value is a scalar or an array of that many."""
        stop = self.size + rows
        if stop > self._capacity:
            self._grow(max(stop, self._capacity + self._capacity // 2))
        for name, value in values.items():
            self._columns[name][self.size : stop] = value
        self.size = stop

    def columns(self) -> dict[str, npt.NDArray[Any]]:
        """Return the columns as far as they are filled (views)."""
        return {name: column[: self.size] for name, column in self._columns.items()}

    def restore(self, columns: dict[str, npt.NDArray[Any]]) -> None:
        """Replace the content by copies of `columns`."""
        self.size = 0
        rows = len(next(iter(columns.values())))
        self._grow(max(_GROWTH, rows))
        self.extend(rows, **columns)


class EventLog:
    """Events and claims of one run. With `keep` False nothing is stored, which does not change the run."""

    def __init__(self, keep: bool = True) -> None:
        self.keep = keep
        self.events = Table(EVENT_COLUMNS)
        self.claims = Table(CLAIM_COLUMNS)

    def add(self, what: str, day: int, rows: int, /, **values: Any) -> None:
        """Append `rows` events of type `what` that happened on `day`."""
        if self.keep and rows:
            self.events.extend(rows, day=day, type=_CODE[what], **values)

    def claim(self, rows: int, /, **values: Any) -> None:
        """Append `rows` claims of the press."""
        if self.keep and rows:
            self.claims.extend(rows, **values)
