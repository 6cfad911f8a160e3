"""The event log of a run: append-only columns, one row an event, in the order in which things happened."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from racketsim.engine.kernel import Int, kernel_of
from racketsim.results.vocabulary import EVENT_TYPES

EVENT_COLUMNS: dict[str, tuple[str, int]] = {
    "event_id": ("u8", 0),
    "day": ("i4", 0),
    "type": ("u1", 0),
    "district": ("i2", -1),
    "kind": ("i1", -1),
    "group": ("i2", -1),
    "rival": ("i2", -1),
    "claimed": ("i2", -1),
    "target": ("i4", -1),
    "channel": ("i1", -1),
    "method": ("i1", -1),
    "amount": ("i8", 0),
    "count": ("i4", 0),
    "injured": ("i2", 0),
    "killed": ("i2", 0),
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
    "injured": ("i2", 0),
    "killed": ("i2", 0),
}
"""Columns of a claim of the press about an event; `group` is -1 where the claim names none."""

_CODE = {name: code for code, name in enumerate(EVENT_TYPES)}
_GROWTH = 1 << 15


@kernel_of("u8(u8, u8)")
def causal_key(entity: Int, ordinal: Int) -> Int:
    """Return the lower part of an event id: entity (32 bits) and ordinal of its decision (24 bits)."""
    return (np.uint64(entity) << np.uint64(24)) | np.uint64(ordinal)


@cache
def stream_bits(stream: int) -> np.uint64:
    """Return the upper part of an event id: the stream (8 bits) of the decision that caused the event."""
    return np.uint64(stream) << np.uint64(56)


def event_id(stream: int, entity: int, ordinal: int) -> Any:
    """Return the id of what a decision caused.

    Ids come from causes, not from rows, so they stay the same when something unrelated is added to a run.
    """
    return causal_key(entity, ordinal) | stream_bits(stream)


def type_codes(names: Sequence[str]) -> npt.NDArray[np.uint8]:
    """Return the codes of several types of events, to index by."""
    return np.array([_CODE[name] for name in names], dtype=np.uint8)


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
            self._grow(max(stop, self._capacity + self._capacity // 4))
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

    def add(self, what: str | npt.NDArray[np.uint8], day: int, rows: int, /, **values: Any) -> None:
        """Append `rows` events of `day`; `what` is their type, or one code (see `type_codes`) for each."""
        if self.keep and rows:
            self.events.extend(rows, day=day, type=_CODE[what] if isinstance(what, str) else what, **values)

    def claim(self, rows: int, /, **values: Any) -> None:
        """Append `rows` claims of the press."""
        if self.keep and rows:
            self.claims.extend(rows, **values)
