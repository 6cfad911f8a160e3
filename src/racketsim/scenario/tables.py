"""Reading a CSV table as rows that know their file and line, so that every message can say where."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

from racketsim.errors import InputError, did_you_mean
from racketsim.scenario.document import read_text

LARGEST_COUNT = 10**12
_WHOLE = re.compile(r"[+-]?[0-9]+")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table. Its readers return a checked value or raise `InputError` with file, line and column."""

    file: Path
    line: int
    cells: Mapping[str, str]

    @property
    def where(self) -> str:
        """Return "file:line" of the row, the file by its name alone."""
        return f"{self.file.name}:{self.line}"

    def error(self, column: str, message: str) -> InputError:
        """Return the error about one cell, with its place in front."""
        return InputError(f"{self.file}:{self.line}: {column}: {message}")

    def optional(self, column: str) -> str:
        """Return a text that may be empty."""
        return self.cells[column].strip()

    def text(self, column: str) -> str:
        """Return a text that is not empty."""
        value = self.optional(column)
        if not value:
            raise self.error(column, "the cell is empty.")
        return value

    def words(self, column: str) -> tuple[str, ...]:
        """Return the words of a cell, which are separated by spaces."""
        return tuple(self.cells[column].split())

    def count(self, column: str) -> int:
        """Return a whole number from 0 up."""
        text = self.text(column)
        if not _WHOLE.fullmatch(text):
            self.number(column, 0.0, float(LARGEST_COUNT))
            raise self.error(column, f"'{text}' is not a whole number.")
        if text.startswith("-"):
            raise self.error(column, f"{text} is negative; a count is 0 or more.")
        if len(text) > len(str(LARGEST_COUNT)) or int(text) > LARGEST_COUNT:
            raise self.error(column, f"{text[:20]} is too large; the largest count is {LARGEST_COUNT}.")
        return int(text)

    def number(self, column: str, lowest: float, highest: float) -> float:
        """Return a finite number from `lowest` to `highest`."""
        text = self.text(column)
        try:
            value = float(text.replace("_", "x"))
        except ValueError:
            raise self.error(column, f"'{text}' is not a number (digits and a decimal point only).") from None
        if not isfinite(value):
            raise self.error(column, f"'{text}' is not a finite number.")
        if not lowest <= value <= highest:
            raise self.error(column, f"{text} is out of range; allowed are {lowest:g} to {highest:g}.")
        return value


def read_table(path: Path, columns: Sequence[str]) -> list[Row]:
    """Read a CSV file that has exactly these columns, in any order; raise `InputError` where it has not."""
    reader = csv.reader(io.StringIO(read_text(path), newline=""), strict=True)
    rows: list[Row] = []
    header: list[str] | None = None
    line = 1
    try:
        for cells in reader:
            first, line = line, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if header is None:
                header = _header(path, first, cells, columns)
            elif len(cells) != len(header):
                raise InputError(
                    f"{path}:{first}: the row has {len(cells)} cells, the header {len(header)} columns; "
                    "is it cut off, or is a cell with a comma without quotes?"
                )
            else:
                rows.append(Row(path, first, dict(zip(header, cells, strict=True))))
    except csv.Error as error:
        raise InputError(f"{path}:{line}: not valid CSV: {error}.") from None
    if not rows:
        raise InputError(f"{path}: the table has a header but no rows.")
    return rows


def _header(path: Path, line: int, cells: Sequence[str], columns: Sequence[str]) -> list[str]:
    found = [cell.strip() for cell in cells]
    expected = f"The header must be: {','.join(columns)}"
    missing = [column for column in columns if column not in found]
    for column in found:
        if column not in columns:
            raise InputError(f"{path}:{line}: {column}: unknown column.{did_you_mean(column, missing)} {expected}")
        if found.count(column) > 1:
            raise InputError(f"{path}:{line}: {column}: the column is given twice. {expected}")
    if missing:
        raise InputError(f"{path}:{line}: {missing[0]}: the column is missing. {expected}")
    return found
