"""The table of `racketsim run --profile`: where the time of a day goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from racketsim.cli.console import answers


def print_profile(rows: Sequence[Mapping[str, Any]], period: Mapping[str, str]) -> None:
    """Print the mechanisms in the order of a day, each with its time and its share."""
    from rich import box
    from rich.table import Table

    days = (date.fromisoformat(period["end"]) - date.fromisoformat(period["start"])).days + 1
    many = rows[0]["replicates"]
    title = f"Where a day's time goes: mean of {many} replicate{'s' if many > 1 else ''} of {days:,} days"
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left")
    for heading in ("mechanism", "seconds", "microseconds a day", "share"):
        table.add_column(heading, justify="left" if heading == "mechanism" else "right")
    total = sum(row["seconds"] for row in rows)
    for name, seconds in [*((row["mechanism"], row["seconds"]) for row in rows), ("in all", total)]:
        if name == "in all":
            table.add_section()
        table.add_row(name, f"{seconds:.3f}", f"{seconds / days * 1e6:,.1f}", f"{seconds / total:.1%}")
    answers().print(table)
