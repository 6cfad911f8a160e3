"""The event log of a run: append-only columns, one row an event, in the order in which things happened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from racketsim.engine.kernel import Int, kernel_of
from racketsim.engine.writing import Writing, skip
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
    "type": ("u1", 0),
    "district": ("i2", -1),
    "method": ("i1", -1),
    "group": ("i2", -1),
    "true_group": ("i2", -1),
    "sponsor": ("i2", -1),
    "injured": ("i2", 0),
    "killed": ("i2", 0),
    "vehicles": ("i2", 0),
    "people": ("i4", 0),
}
"""Columns of a claim of the press about an event; `group` and `sponsor` are -1 where the claim names none."""

_CODE = {name: code for code, name in enumerate(EVENT_TYPES)}
_FIRST_BLOCK, _LARGEST_BLOCK = 1 << 12, 1 << 17
_ORDINAL_BITS = 24


@kernel_of("u8(u8, u8)")
def causal_key(entity: Int, ordinal: Int) -> Int:
    """Return the lower part of an event id: entity (32 bits) and ordinal of its decision (24 bits)."""
    return (np.uint64(entity) << np.uint64(_ORDINAL_BITS)) | np.uint64(ordinal)


def ordinal_of(event_id: int) -> int:
    """Return the ordinal of the decision that caused an event, from its id."""
    return event_id & ((1 << _ORDINAL_BITS) - 1)


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
    """Append-only columns in blocks; a column that a row does not give keeps its default."""

    def __init__(self, columns: dict[str, tuple[str, int]]) -> None:
        self._defaults = columns
        self._full: list[dict[str, npt.NDArray[Any]]] = []
        self._open = self._block(_FIRST_BLOCK)
        self._filled = 0

    def _block(self, rows: int) -> dict[str, npt.NDArray[Any]]:
        return {name: np.full(rows, default, dtype=dtype) for name, (dtype, default) in self._defaults.items()}

    def reserve(self, rows: int) -> tuple[int, dict[str, npt.NDArray[Any]]]:
        """Append `rows` rows of defaults; return the first of them, and the columns to write them into."""
        room = len(next(iter(self._open.values())))
        if self._filled + rows > room:
            self._full.append({name: column[: self._filled] for name, column in self._open.items()})
            self._open = self._block(max(min(2 * room, _LARGEST_BLOCK), rows))
            self._filled = 0
        first = self._filled
        self._filled += rows
        return first, self._open

    def give_back(self, rows: int) -> None:
        """Give back the last `rows` of the rows that were reserved last; they must hold their defaults."""
        self._filled -= rows

    def extend(self, rows: int, **values: Any) -> None:
        """Append `rows` rows; each value is a scalar or an array of that many."""
        first, columns = self.reserve(rows)
        for name, value in values.items():
            columns[name][first : first + rows] = value

    def columns(self) -> dict[str, npt.NDArray[Any]]:
        """Return the columns, each in one piece."""
        if self._full:
            blocks, filled = [*self._full, self._open], self._filled
            self._full = []
            self._open = {}
            for name in self._defaults:
                parts = [block.pop(name) for block in blocks]
                self._open[name] = np.concatenate([*parts[:-1], parts[-1][:filled]])
            self._filled = len(next(iter(self._open.values())))
        return {name: column[: self._filled] for name, column in self._open.items()}

    def restore(self, columns: dict[str, npt.NDArray[Any]]) -> None:
        """Replace the content by copies of `columns`."""
        self._full, self._open, self._filled = [], self._block(_FIRST_BLOCK), 0
        self.extend(len(next(iter(columns.values()))), **columns)


class EventLog:
    """Events and claims of one run. With `keep` False nothing is stored, which does not change the run."""

    def __init__(self, keep: bool = True) -> None:
        self.keep = keep
        self.events = Table(EVENT_COLUMNS)
        self._claims = Table(CLAIM_COLUMNS)
        self._claimed: list[tuple[Sequence[str], npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]] = []

    @property
    def claims(self) -> Table:
        """The claims of the press so far."""
        for names, claim_id, event_id, said in self._claimed:
            about = dict(zip(names, said, strict=True))
            self._claims.extend(len(claim_id), claim_id=claim_id, event_id=event_id, **about)
        self._claimed.clear()
        return self._claims

    def add(self, what: str | npt.NDArray[np.uint8], day: int, rows: int, /, **values: Any) -> None:
        """Append `rows` events of `day`; `what` is their type, or one code (see `type_codes`) for each."""
        if self.keep and rows:
            self.events.extend(rows, day=day, type=_CODE[what] if isinstance(what, str) else what, **values)

    def writer(self, kernel: Any, *arguments: Any, columns: Sequence[str], rows_each: int = 1) -> Callable[..., None]:
        """Return a function of a count, the day and other whole numbers that appends events by `kernel` (`Writing`)."""
        return Writing(self.events, kernel, arguments, columns, rows_each) if self.keep else skip

    def claim(
        self,
        names: Sequence[str],
        claim_id: npt.NDArray[Any],
        event_id: npt.NDArray[Any],
        said: npt.NDArray[Any],
    ) -> None:
        """Append claims of the press: `said[column, claim]` in the order of `names`; they are copied."""
        if self.keep:
            self._claimed.append((names, claim_id.copy(), event_id.copy(), said.copy()))
