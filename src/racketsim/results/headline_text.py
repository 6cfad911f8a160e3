"""The headline table for the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from racketsim.results.headline import Row
from racketsim.results.words import figure, unit_text

if TYPE_CHECKING:
    from rich.console import Console

    from racketsim.results.fit import Fit

ENOUGH = 20
"""Replicates below which a 90% range is little more than the lowest and highest of the runs."""

LEAST_MONTHS = 12
"""Months below which no correlation with the record is told: two points always lie on a line."""

_HEADINGS = ("", "simulated", "90% range", "recorded", "source")


def print_headline(console: Console, rows: Sequence[Row], replicates: int) -> None:
    """Print the rows as a table; as aligned plain text where the console is not a terminal.

    With one replicate no range is shown.
    """
    cells = [_cells(row, replicates) for row in rows]
    if not console.is_terminal:
        console.print(headline_text(rows, replicates), markup=False, highlight=False, soft_wrap=True)
        return
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for place, heading in enumerate(_HEADINGS):
        numeric = place in (1, 2, 3)
        table.add_column(
            heading, justify="right" if numeric else "left", no_wrap=numeric, style="dim" if place == 4 else ""
        )
    for line in cells:
        table.add_row(*(Text(cell) for cell in line))
    console.print(table)


def headline_text(rows: Sequence[Row], replicates: int) -> str:
    """Return the rows as aligned plain text, one line a row."""
    lines = [_HEADINGS, *(_cells(row, replicates) for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(_HEADINGS))]
    texts = []
    for line in lines:
        parts = [
            cell.rjust(width) if place in (1, 2, 3) else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        texts.append("  ".join(parts).rstrip())
    return "\n".join(texts)


def few_text(replicates: int, noun: str = "replicate") -> str:
    """Return what to say of ranges over few replicates, or nothing where there are enough of them."""
    if replicates == 1:
        return f"One {noun} only: no range can be given, and a single run is one of many that could have happened."
    if replicates < ENOUGH:
        return f"Only {replicates} {noun}s: the ranges are rough, and close to the lowest and highest of the runs."
    return ""


def print_fit(console: Console, fit: Fit | None) -> None:
    """Print one line on how near the simulation is to the record, if there is a record."""
    if fit is None or fit.monthly_of_median is None or fit.months < LEAST_MONTHS:
        return
    text = f"monthly totals correlate with the record at {fit.monthly_of_median:.2f} ({fit.months} months)"
    if fit.districts_of_median is not None:
        text += f", the ranking of districts in {fit.year} at {fit.districts_of_median:.2f}"
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def _cells(row: Row, replicates: int) -> tuple[str, str, str, str, str]:
    unit = unit_text(row)
    name = f"{row.name} ({unit})" if unit else row.name
    recorded = figure(row.recorded, row.unit) if row.recorded is not None else "-"
    found = row.simulated
    if found is None:
        return name, "not covered", "", recorded, row.source or ""
    spread = f"{figure(found.low, row.unit)} to {figure(found.high, row.unit)}" if replicates > 1 else ""
    return name, figure(found.median, row.unit), spread, recorded, row.source or ""
