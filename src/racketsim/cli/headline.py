"""The headline table on screen: what the replicates say, beside what was recorded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from racketsim.cli.console import answers


def print_headline(summary: Mapping[str, Any]) -> None:
    """Print the headline rows of a `summary.json`: median and 90% range, the record, and its source."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    replicates = summary["replicates"]
    single = replicates == 1
    table = Table(
        title=f"{summary['scenario']}, seed {summary['seed']}, {replicates} replicate{'' if single else 's'}",
        title_justify="left",
        box=box.SIMPLE_HEAD,
    )
    table.add_column("")
    table.add_column("simulated" if single else "median", justify="right")
    if not single:
        table.add_column("90% range", justify="right")
    table.add_column("recorded", justify="right")
    table.add_column("source", style="dim")
    for row in summary["headline"]:
        simulated, unit = row["simulated"], row.get("unit", "")
        name = row["name"] if unit in ("", "ratio") or unit in row["name"] else f"{row['name']} ({unit})"
        spread = [] if single else [_spread(simulated, unit)]
        cells = [name, _figure(simulated["median"], unit), *spread, _figure(row["recorded"], unit), row["source"] or ""]
        table.add_row(*(Text(cell) for cell in cells))
    answers().print(table)


def _spread(simulated: Mapping[str, float | None], unit: str) -> str:
    if simulated["low"] is None:
        return "–"
    return f"{_figure(simulated['low'], unit)} – {_figure(simulated['high'], unit)}"


def _figure(value: float | None, unit: str) -> str:
    if value is None:
        return "–"
    if unit == "ratio":
        return f"{value:.2f}"
    if abs(value) >= 1e7:
        return f"{value / 1e6:,.0f} million"
    return f"{value:,.0f}"
