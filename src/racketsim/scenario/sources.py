"""Reading `evidence.csv`: the figures that the numbers of a scenario name as their source."""

from __future__ import annotations

from collections.abc import Collection
from math import inf
from pathlib import Path

from racketsim.errors import did_you_mean
from racketsim.scenario.model import Evidence
from racketsim.scenario.problems import Problems
from racketsim.scenario.tables import Row, read_table

FILE = "evidence.csv"
COLUMNS = (
    "id",
    "topic",
    "place",
    "period_start",
    "period_end",
    "quantity",
    "value",
    "unit",
    "low",
    "high",
    "source_name",
    "source_url",
    "source_date",
    "note",
)


def read_evidence(path: Path) -> tuple[Evidence, ...]:
    """Read the evidence of a scenario; raise `InputError` for rows that cannot be used."""
    problems = Problems()
    found: dict[str, Evidence] = {}
    lines: dict[str, int] = {}
    for row in read_table(path, COLUMNS):
        with problems.collect():
            item = _evidence(row)
            if item.id in found:
                raise row.error("id", f"'{item.id}' is given twice; it stands in line {lines[item.id]} already.")
            found[item.id] = item
            lines[item.id] = row.line
    problems.raise_any()
    return tuple(found.values())


def unknown_source(source: str, known: Collection[str]) -> str:
    """Return what to say about a source that is not in the evidence."""
    return f"unknown source '{source}'; it must be an id of {FILE}.{did_you_mean(source, known)}"


def cited(row: Row, known: Collection[str]) -> tuple[str, ...]:
    """Return the sources that a row names (ids separated by spaces); refuse none and unknown ones."""
    sources = row.words("source")
    if not sources:
        raise row.error("source", f"the cell is empty; every row names its source, an id of {FILE}.")
    for source in sources:
        if source not in known:
            raise row.error("source", unknown_source(source, known))
    return sources


def _evidence(row: Row) -> Evidence:
    low, high = _bound(row, "low"), _bound(row, "high")
    if low is not None and high is not None and low > high:
        raise row.error("low", f"{low:g} is above high, which is {high:g}.")
    return Evidence(
        id=_identifier(row),
        topic=row.optional("topic"),
        place=row.optional("place"),
        period_start=row.optional("period_start"),
        period_end=row.optional("period_end"),
        quantity=row.text("quantity"),
        value=row.number("value", -inf, inf),
        unit=row.text("unit"),
        low=low,
        high=high,
        source_name=row.text("source_name"),
        source_url=row.optional("source_url"),
        source_date=row.optional("source_date"),
        note=row.optional("note"),
    )


def _identifier(row: Row) -> str:
    words = row.words("id")
    if len(words) != 1:
        raise row.error("id", "an id is one word without spaces.")
    return words[0]


def _bound(row: Row, column: str) -> float | None:
    return row.number(column, -inf, inf) if row.optional(column) else None
