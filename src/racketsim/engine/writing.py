"""Appending events to the log from compiled code: columns of the day go into the columns of the log in one pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from racketsim.engine.bound import LATE, bind

if TYPE_CHECKING:
    from racketsim.engine.log import Table


class Writing:
    """A function of a count, the day and other whole numbers that appends events by a `kernel`.

    The kernel is called with the first row that it may write, these numbers, `arguments`, and the named `columns` of
    the log. At most `rows_each` rows for each of the count are its own, filled with defaults; it returns how many of
    them it has written.
    """

    def __init__(
        self, table: Table, kernel: Any, arguments: Sequence[Any], columns: Sequence[str], rows_each: int
    ) -> None:
        self.table, self.kernel, self.arguments, self.columns = table, kernel, arguments, columns
        self.rows_each = rows_each
        self.block: object = None
        self.put: Callable[..., int]

    def __call__(self, count: int, *late: int) -> None:
        """Append the events of `count` items."""
        rows = count * self.rows_each
        first, block = self.table.reserve(rows)
        if block is not self.block:
            numbers = (LATE,) * (2 + len(late))
            self.put = bind(self.kernel, *numbers, *self.arguments, *(block[name] for name in self.columns))
            self.block = block
        written = self.put(first, count, *late)
        if written != rows:
            self.table.give_back(rows - written)


def skip(*_: int) -> None:
    """Append nothing: the run keeps no events."""
