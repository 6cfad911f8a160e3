"""Appending events to the log from compiled code: columns of the day go into the columns of the log in one pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from inspect import signature
from typing import TYPE_CHECKING, Any

import numpy.typing as npt

from racketsim.engine.bound import LATE, bind

if TYPE_CHECKING:
    from racketsim.engine.log import Table


class Writing:
    """A function of a count, the day and other whole numbers that appends events by a `kernel`.

    The kernel is called with the first row that it may write, these numbers, `arguments`, and the named `columns` of
    the log. At most `rows_each` rows for each of the count are its own, filled with defaults; it returns how many of
    them it has written. It is bound, and so compiled, at once.
    """

    def __init__(
        self, table: Table, kernel: Any, arguments: Sequence[Any], columns: Sequence[str], rows_each: int
    ) -> None:
        self.table, self.kernel, self.arguments, self.columns = table, kernel, arguments, columns
        self.rows_each = rows_each
        _, block = table.reserve(0)
        self._bind_to(block)

    def _bind_to(self, block: dict[str, npt.NDArray[Any]]) -> None:
        columns = [block[name] for name in self.columns]
        late = (LATE,) * (len(signature(self.kernel.py_func).parameters) - len(self.arguments) - len(columns))
        self.put: Callable[..., int] = bind(self.kernel, *late, *self.arguments, *columns)
        self.block = block

    def __call__(self, count: int, *late: int) -> None:
        """Append the events of `count` items."""
        rows = count * self.rows_each
        first, block = self.table.reserve(rows)
        if block is not self.block:
            self._bind_to(block)
        written = self.put(first, count, *late)
        if written != rows:
            self.table.give_back(rows - written)


def skip(*_: int) -> None:
    """Append nothing: the run keeps no events."""
